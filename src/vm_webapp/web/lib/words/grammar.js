/** What the tables of words share: amounts, excerpts, names of types in plain letters. */

export const count = (amount, one, many) => (amount === 1 ? `1 ${one}` : `${amount} ${many}`);

const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name within a sentence: one that is written from right to left keeps its own direction, and the sentence keeps the page's. */
export const own = (name) => (FROM_THE_RIGHT.test(name) ? `\u2068${name}\u2069` : name);

/** Who it was, within a sentence: the page's own words for people begin small there, names do not. */
export const within = (who, actors) => ([actors.human, actors.owner, actors.elsewhere, actors.somebody].includes(who) ? who[0].toLowerCase() + who.slice(1) : who);

/** A key or a type name as words: `channel_plan` and `ChannelPlan` become "Channel plan". */
export function plain(name) {
  const text = String(name ?? "")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim()
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The beginning of a text on one line. */
export function excerpt(text, length = 80) {
  const line = String(text ?? "").replace(/\s+/g, " ");
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
