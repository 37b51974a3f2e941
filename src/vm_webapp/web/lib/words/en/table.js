import { own } from "../grammar.js";

import { formatAmount } from "../../amounts.js";

export default {
  title: "Table",
  empty: "This table is empty.",
  find: "Find in the table",
  pages: "Pages of the table",
  previous: "Back",
  next: "On",
  column: (number) => `Column ${number}`,
  sort: (name) => `Sort by ${own(name)}`,
  rows: (found, all) =>
    found === all
      ? `${formatAmount(all)} ${all === 1 ? "row" : "rows"}`
      : `${formatAmount(found)} of ${formatAmount(all)} rows`,
  range: (first, last) => `Rows ${formatAmount(first)} to ${formatAmount(last)}`,
};
