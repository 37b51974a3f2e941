/**
 * Two texts, cut into parts (paragraphs or lines), compared: parts are matched first, then the words within parts that resemble
 * each other. Everything is bounded in time; where the bound bites, the answer is rougher and says so, and never wrong.
 */

import { diffArrays } from "../vendor/jsdiff/diff/array.js";
import { diffWordsWithSpace } from "../vendor/jsdiff/diff/word.js";

const PARTS_TIME = 3000;
const PAIR_TIME = 300;
const ALL_TIME = 8000;
const MOST_PAIRS = 40_000;
const RESEMBLES = 0.4;

/**
 * `{rows, rough}` for two lists of texts. A row is `{kind, older, newer, marks}`: `same`, `changed`, `removed` or `added`; the
 * places in the lists or null; and for what changed the marked stretches of both texts as `[from, to]`. With `loose`, parts
 * that differ in blanks alone are the same.
 */
export function compareParts(older, newer, { loose = false, now = () => Date.now() } = {}) {
  const until = now() + ALL_TIME;
  const found = { rows: [], rough: false };
  const tidy = (texts) => (loose ? texts.map((text) => text.replace(/\s+/g, " ").trim()) : texts);
  for (const block of blocks(tidy(older), tidy(newer))) {
    if (block.same) found.rows.push({ kind: "same", older: block.older, newer: block.newer });
    else found.rows.push(...gap(block, { older, newer, found, until, now }));
  }
  return found;
}

/** `{older, newer}` as lists of `[from, to]` stretches that only one of two texts has; `rough` where they were not looked at. */
export function compareWords(older, newer, timeout = PAIR_TIME) {
  const changes = timeout > 0 ? diffWordsWithSpace(older, newer, { timeout }) : undefined;
  if (!changes) return { older: [[0, older.length]], newer: [[0, newer.length]], rough: true };
  const marks = { older: [], newer: [] };
  const at = { older: 0, newer: 0 };
  for (const { value, added, removed } of changes) {
    if (!added) at.older += value.length;
    if (!removed) at.newer += value.length;
    if (removed) extend(marks.older, at.older - value.length, at.older, older);
    if (added) extend(marks.newer, at.newer - value.length, at.newer, newer);
  }
  return marks;
}

/** Stretches that only blanks keep apart are one. */
function extend(marks, from, to, text) {
  const last = marks.at(-1);
  if (last && !text.slice(last[1], from).trim()) last[1] = to;
  else marks.push([from, to]);
}

/** What both have, part by part, and what stands between. */
function* blocks(older, newer) {
  const changes = diffArrays(older, newer, { timeout: PARTS_TIME }) ?? [
    { removed: true, count: older.length },
    { added: true, count: newer.length },
  ];
  const at = { older: 0, newer: 0 };
  let open = { removed: [], added: [] };
  for (const { added, removed, count } of changes) {
    for (let step = 0; step < count; step += 1) {
      if (removed) open.removed.push(at.older++);
      else if (added) open.added.push(at.newer++);
      else {
        if (open.removed.length || open.added.length) yield open;
        open = { removed: [], added: [] };
        yield { same: true, older: at.older++, newer: at.newer++ };
      }
    }
  }
  if (open.removed.length || open.added.length) yield open;
}

/** Between two equal parts: those that resemble each other are one changed part, the rest was taken out or put in. */
function* gap({ removed, added }, { older, newer, found, until, now }) {
  const pairs = pairUp(
    removed.map((at) => older[at]),
    added.map((at) => newer[at]),
  );
  for (const [one, other] of pairs) {
    const row = { older: removed[one] ?? null, newer: added[other] ?? null };
    if (row.older === null || row.newer === null) {
      yield { ...row, kind: row.older === null ? "added" : "removed" };
      continue;
    }
    const marks = compareWords(older[row.older], newer[row.newer], Math.min(PAIR_TIME, until - now()));
    found.rough ||= Boolean(marks.rough);
    yield { ...row, kind: "changed", marks };
  }
}

/** Pairs of places in order, null for one alone; the sum of resemblances is the greatest that keeps the order. */
function pairUp(removed, added) {
  if (removed.length * added.length > MOST_PAIRS) return inOrder(removed.length, added.length);
  const bags = [removed.map(bagOf), added.map(bagOf)];
  const likeness = bags[0].map((one) => bags[1].map((other) => resemblance(one, other)));
  const best = Array.from({ length: removed.length + 1 }, () => new Float64Array(added.length + 1));
  for (let one = removed.length - 1; one >= 0; one -= 1)
    for (let other = added.length - 1; other >= 0; other -= 1) {
      const together = likeness[one][other] >= RESEMBLES ? likeness[one][other] + best[one + 1][other + 1] : 0;
      best[one][other] = Math.max(together, best[one + 1][other], best[one][other + 1]);
    }
  return walk(best, likeness);
}

function walk(best, likeness) {
  const pairs = [];
  let [one, other] = [0, 0];
  const [ones, others] = [best.length - 1, best[0].length - 1];
  while (one < ones || other < others) {
    if (one < ones && other < others && together(best, likeness, one, other)) pairs.push([one++, other++]);
    else if (one < ones && (other === others || best[one + 1][other] >= best[one][other + 1])) pairs.push([one++, null]);
    else pairs.push([null, other++]);
  }
  return pairs;
}

function together(best, likeness, one, other) {
  const value = likeness[one][other];
  return value >= RESEMBLES && best[one][other] === value + best[one + 1][other + 1];
}

function inOrder(removed, added) {
  return Array.from({ length: Math.max(removed, added) }, (_, at) => [at < removed ? at : null, at < added ? at : null]);
}

function bagOf(text) {
  const bag = new Map();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) bag.set(word, (bag.get(word) ?? 0) + 1);
  return { bag, size: [...bag.values()].reduce((sum, amount) => sum + amount, 0) };
}

/** The share of words that two texts have in common (Sørensen and Dice), 0 to 1. */
function resemblance(one, other) {
  const [small, large] = one.size <= other.size ? [one, other] : [other, one];
  let common = 0;
  for (const [word, amount] of small.bag) common += Math.min(amount, large.bag.get(word) ?? 0);
  return one.size + other.size ? (2 * common) / (one.size + other.size) : 1;
}
