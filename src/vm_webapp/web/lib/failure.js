/** Why something failed: in the reader's language where the code is known, else in the server's own sentence. */

import { words } from "./words.js";

export function failureText(code, message) {
  return Object.hasOwn(words.failures, code) ? words.failures[code] : message || words.stage.unnamed;
}
