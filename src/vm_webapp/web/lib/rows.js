/** The rows of a comparison as they are shown: what there is to say about them, and what is folded away. */

import { language } from "./words.js";
import tables from "./words/compare.js";

const said = tables[language];
const FOLD_FROM = 4;

/** "14 paragraphs changed, 2 added, 1 removed". */
export function summaryOf({ rows, identical, view }) {
  const counted = said.counted[view === "markdown" ? "block" : "line"];
  const amounts = ["changed", "added", "removed"]
    .map((kind) => [kind, rows.filter((row) => row.kind === kind).length])
    .filter(([, amount]) => amount);
  if (!amounts.length) return identical ? said.same : said.sameWords;
  return amounts.map(([kind, amount], at) => (at ? said.also[kind](amount) : counted[kind](amount))).join(", ");
}

/** Long stretches of equal rows as `{fold}`, but for the one beside a change. */
export function foldSame(rows) {
  const groups = [];
  let same = [];
  const close = (last) => {
    const first = groups.length ? 1 : 0;
    const end = last ? same.length : same.length - 1;
    const alone = same.map((row) => ({ row }));
    if (end - first < FOLD_FROM) groups.push(...alone);
    else groups.push(...alone.slice(0, first), { fold: same.slice(first, end) }, ...alone.slice(end));
    same = [];
  };
  for (const row of rows) {
    if (row.kind === "same") same.push(row);
    else {
      if (same.length) close(false);
      groups.push({ row });
    }
  }
  if (same.length) close(true);
  return groups;
}
