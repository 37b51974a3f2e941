/** Amounts as the reader's locale writes them. */

import { locale } from "./language.js";

const amount = new Intl.NumberFormat(locale);

export function formatAmount(number) {
  return amount.format(number);
}
