/** Amounts as the reader's locale writes them. */

import { locale } from "./language.js";
import { lazily } from "./lazily.js";

const amount = lazily(() => new Intl.NumberFormat(locale));

export function formatAmount(number) {
  return amount().format(number);
}
