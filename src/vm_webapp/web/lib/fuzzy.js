/**
 * Finding a command by some of its letters: "rnm thr" finds "Rename the thread", "nt" "New thread".
 *
 * Each word that is typed stands in a word of the text, or leaves letters out of one with the same beginning, or is put
 * together from beginnings of words that follow. It stands in one part: a name and what goes with it make no word together.
 */

const MARKS = /\p{M}/gu;
const BETWEEN = /[^\p{L}\p{N}]+/u;

/** A score, higher fits better; null where a typed word is not there. Accents and capitals do not count. */
export function fuzzyScore(parts, query) {
  const typed = wordsOf(query);
  const rest = parts.map(wordsOf);
  let score = 0;
  for (const word of typed) {
    const fits = rest.map((words) => best(words, word));
    const at = fits.findIndex(Boolean);
    if (at < 0) return null;
    score += fits[at].score;
    rest[at] = rest[at].slice(fits[at].end);
  }
  const text = fold(parts.join(" "));
  return typed.length ? score + wholeBonus(text, fold(query).trim()) - text.length * 0.01 : null;
}

/** The items that fit, best first; without a query all of them as they are. `partsOf` gives an item's texts. */
export function fuzzyFilter(items, query, partsOf) {
  if (!query.trim()) return items;
  return items
    .map((item, at) => ({ item, at, score: fuzzyScore(partsOf(item), query) }))
    .filter(({ score }) => score !== null)
    .toSorted((one, other) => other.score - one.score || one.at - other.at)
    .map(({ item }) => item);
}

/** Where among the words the typed one fits best: `{score, end}`, with the index behind it, or undefined. */
function best(words, typed) {
  const found = words.map((_, at) => within(words, at, typed) ?? across(words, at, typed)).filter(Boolean);
  return found.toSorted((one, other) => other.score - one.score)[0];
}

/** All of it in one word, or its letters with others between them, from that word's beginning. */
function within(words, at, typed) {
  const word = words[at];
  const end = at + 1;
  if (word.includes(typed)) return { score: typed.length * (word.startsWith(typed) ? 3 : 1.2), end };
  if (word[0] !== typed[0]) return null;
  let behind = 0;
  for (const letter of typed) {
    behind = word.indexOf(letter, behind) + 1;
    if (!behind) return null;
  }
  return { score: typed.length - (behind - typed.length) * 0.05, end };
}

/** Beginnings of words: as much of each as fits, then the next word that goes on with it. */
function across(words, at, typed) {
  let left = typed;
  let score = 0;
  for (let next = at; next < words.length; next += 1) {
    const taken = common(words[next], left);
    if (!taken && next === at) return null;
    score += taken && taken * 2 - (next - at) * 0.05;
    left = left.slice(taken);
    if (!left) return { score, end: next + 1 };
  }
  return null;
}

function common(word, typed) {
  let length = 0;
  while (length < typed.length && word[length] === typed[length]) length += 1;
  return length;
}

/** The query in one piece, from the beginning of a word, counts most. */
const wholeBonus = (text, typed) => (` ${text}`.includes(` ${typed}`) ? 20 : 0);

const wordsOf = (text) => fold(text).split(BETWEEN).filter(Boolean);

const fold = (text) => text.normalize("NFD").replace(MARKS, "").toLowerCase();
