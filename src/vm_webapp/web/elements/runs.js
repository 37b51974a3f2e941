/** The thread's versions side by side, newest first. */

import { Part } from "../lib/element.js";
import { html, nothing, problemBox, repeat, statusTag, time } from "../lib/html.js";
import { shownRunId } from "../lib/reduce.js";
import { runHash } from "../lib/router.js";
import { words } from "../lib/words.js";

class Runs extends Part {
  view(state) {
    const { runs, problems, profiles, now } = state;
    if (!runs) return nothing;
    if (!runs.items.length) return html`<p class="quiet">${words.run.none}</p>`;
    const shown = shownRunId(state);
    return html`<ul class="runs">
        ${repeat(
          runs.items,
          (run) => run.run_id,
          (run) => html`<li>${card(run, { shown, profiles, now })}</li>`,
        )}
      </ul>
      ${this.more("runs", words.run.more, state)} ${problemBox(problems.runs)}`;
  }
}

customElements.define("vm-runs", Runs);

function progress({ stages_done: done, stages_total: total }) {
  return html`<progress max=${total || 1} value=${done} aria-label=${words.run.progress(done, total)}></progress>`;
}

function card(run, { shown, profiles, now }) {
  const title = profiles.find(({ mode }) => mode === run.mode)?.title ?? run.mode;
  const working = run.status === "running" || run.status === "queued";
  return html`<a
    class="run-card"
    href=${runHash(run.run_id)}
    data-run-id=${run.run_id}
    data-status=${run.status}
    aria-current=${run.run_id === shown ? "true" : nothing}
  >
    <span class="run-card-head"
      ><strong>${words.run.version(run.number)}</strong
      >${statusTag(run.cancel_requested && working ? "canceling" : run.status)}</span
    >
    <span class="run-card-text">${run.request_text}</span>
    ${working ? progress(run) : nothing}
    <span class="quiet run-card-foot"><span>${title}</span>${time(run.created_at, now)}</span>
  </a>`;
}
