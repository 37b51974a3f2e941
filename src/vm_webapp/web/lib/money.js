/** Amounts of money and tokens as the reader's locale writes them; what is not known says so. */

import { locale } from "./language.js";
import { lazily } from "./lazily.js";
import { words } from "./words.js";

const said = words.cost;
const count = lazily(() => new Intl.NumberFormat(locale));

/** US dollars from decimal text; small amounts keep the digits that say something. */
export function formatUsd(text) {
  const amount = Number(text);
  const digits = amount !== 0 && Math.abs(amount) < 0.1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", minimumFractionDigits: 2, ...digits }).format(amount);
}

/** Pieces of one line: tokens, dollars, and what nobody knows. */
export function usageWords({ input_tokens: input, output_tokens: output, cost_usd: cost, reserved_usd: reserved, unpriced }) {
  const known = Number(cost) > 0;
  const price = unpriced ? (known ? said.partly(formatUsd(cost)) : said.unknown) : formatUsd(cost);
  return [said.tokens(count().format(input + output)), price, Number(reserved) > 0 && said.reserved(formatUsd(reserved))].filter(Boolean);
}
