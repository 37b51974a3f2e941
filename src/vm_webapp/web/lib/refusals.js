/** What the server refused, in the reader's language, by the stable words that its answer has for programs (docs/http.md). */

import { language } from "./language.js";
import tables from "./words/refusals.js";

const said = tables[language];
/** What the form calls otherwise than the server does. */
const OWN_NAMES = { limit_usd: "budget_usd" };

/** `{text, hint}` where a translation is known, and `fields` by name: `{why, listed}`, at the field and beside it. */
export function tell({ code, reason, errors }) {
  const plain = said.reasons[reason] ?? said.codes[errors.length && code.startsWith("invalid") ? "invalid" : code];
  return { ...(code === "invalid" && !errors.length ? {} : plain), fields: Object.fromEntries(errors.map(field)) };
}

/** A value by what is wrong with it, and where in a list it stands; in the server's words where no others are known. */
function field({ pointer, detail, reason, most }) {
  const parts = String(pointer ?? "").split("/").filter(Boolean);
  const name = OWN_NAMES[parts[0]] ?? parts[0] ?? "";
  const sentence = said.values[reason]?.(most);
  if (!sentence) return [name, { why: detail, listed: detail }];
  const at = /^\d+$/.test(parts.at(-1)) ? Number(parts.pop()) + 1 : 0;
  const label = said.labels[parts.join("/")] ?? "";
  const why = at ? said.entry(at, sentence) : sentence;
  return [name, { why, listed: label ? `${at ? said.place(label, at) : label}: ${sentence}` : why }];
}
