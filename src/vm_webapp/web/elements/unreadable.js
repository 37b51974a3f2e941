/** Why a file is not shown, and the way to one that can be. */

import { html, icon, nothing } from "../lib/html.js";
import { runHash } from "../lib/router.js";
import { words } from "../lib/words.js";
import { blank } from "./blank.js";

export function show({ text, hint }, run) {
  const acts = run ? html`<a class="button" href=${runHash(run.run_id)}>${icon("arrow")}${words.reader.newest}</a>` : nothing;
  return html`<div role="alert">${blank("lost", { title: text, hint, acts })}</div>`;
}
