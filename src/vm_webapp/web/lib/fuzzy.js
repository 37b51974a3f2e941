/** Finding a command by some of its letters, in their order: "nt" finds "New thread". */

const MARKS = /\p{M}/gu;

/** A score, higher fits better; null where the letters do not all stand there. Accents and capitals do not count. */
export function fuzzyScore(text, query) {
  const [where, what] = [fold(text), fold(query).replace(/\s+/g, "")];
  let score = 0;
  let at = -1;
  for (const letter of what) {
    const next = find(where, letter, at + 1);
    if (next < 0) return null;
    score += next === at + 1 ? 3 : startsWord(where, next) ? 2 : 0;
    score -= Math.min(next - at - 1, 10) * 0.05;
    at = next;
  }
  return score + wholeBonus(where, fold(query).trim()) - where.length * 0.01;
}

/** The items that fit, best first; without a query all of them as they are. */
export function fuzzyFilter(items, query, textOf) {
  if (!query.trim()) return items;
  return items
    .map((item, at) => ({ item, at, score: fuzzyScore(textOf(item), query) }))
    .filter(({ score }) => score !== null)
    .toSorted((one, other) => other.score - one.score || one.at - other.at)
    .map(({ item }) => item);
}

/** The query in one piece counts most at the beginning of a word. */
function wholeBonus(where, what) {
  const at = where.indexOf(what);
  if (at < 0) return 0;
  return startsWord(where, at) || where.includes(` ${what}`) ? 20 : 1;
}

/** The beginning of a word rather than a letter in the middle of one, where both stand there. */
function find(where, letter, from) {
  for (let at = where.indexOf(letter, from); at >= 0; at = where.indexOf(letter, at + 1)) {
    if (at === from || startsWord(where, at)) return at;
  }
  return where.indexOf(letter, from);
}

const startsWord = (where, at) => at === 0 || !/[\p{L}\p{N}]/u.test(where[at - 1]);

const fold = (text) => text.normalize("NFD").replace(MARKS, "").toLowerCase();
