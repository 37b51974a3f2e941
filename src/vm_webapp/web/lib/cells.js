/** What the cells of a table say: amounts as people write them, in either custom of points and commas. */

import { locale } from "./language.js";
import { lazily } from "./lazily.js";

const AMOUNT = /^[-+−]?\s*(?:[A-Z]{0,3}[$€£¥]\s*)?\d[\d.,\s']*\s*(?:%|[$€£¥])?$/;
const words = lazily(() => new Intl.Collator(locale, { numeric: true, sensitivity: "base" }));

export function isAmount(cell) {
  return AMOUNT.test(cell.trim());
}

/** For sorting: amounts by value, all else as the locale's dictionary has it; what is empty comes last. */
export function compareCells(one, other) {
  if (!one || !other) return Number(!one) - Number(!other);
  if (isAmount(one) && isAmount(other)) return amountOf(one) - amountOf(other);
  return words().compare(one, other);
}

/** The last of points and commas is the decimal one, unless exactly three digits follow a single kind of it. */
function amountOf(cell) {
  const digits = cell.replace(/[^\d.,+−-]/g, "").replace("−", "-");
  const at = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  const both = digits.includes(".") && digits.includes(",");
  const whole = at < 0 || (!both && digits.length - at === 4);
  if (whole) return Number(digits.replace(/[.,]/g, ""));
  return Number(`${digits.slice(0, at).replace(/[.,]/g, "")}.${digits.slice(at + 1)}`);
}
