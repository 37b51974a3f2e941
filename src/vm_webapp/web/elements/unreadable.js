/** Why a file is not shown, and the way to one that can be. */

import { button, html, icon, nothing } from "../lib/html.js";
import { runHash } from "../lib/router.js";
import { words } from "../lib/words.js";
import { blank } from "./blank.js";

/** `again` reads it once more, unless it was erased; while the server is away there is nothing else to open. */
export function show({ code, text, hint, open }, run, again) {
  const newest = run && !open ? html`<a class="button" href=${runHash(run.run_id)}>${icon("arrow")}${words.reader.newest}</a>` : nothing;
  const acts = html`${code === "erased" ? nothing : button(words.run.retry, again, { name: "retry", action: "read-again" })} ${newest}`;
  return html`<div role="alert">${blank("lost", { title: text, hint, acts })}</div>`;
}
