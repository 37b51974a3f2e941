/** The stages of the version on show as a track, with attempts and errors in plain words. */

import { formatClock, formatDuration } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { html, nothing, repeat, statusIcon } from "../lib/html.js";
import { shownRunId } from "../lib/reduce.js";
import { words } from "../lib/words.js";

class Stages extends Part {
  view(state) {
    const run = state.runDetails[shownRunId(state)];
    if (!run) return nothing;
    return html`<ol class="track">
      ${repeat(run.stages, (stage) => `${run.run_id}/${stage.stage_key}`, step)}
    </ol>`;
  }
}

customElements.define("vm-stages", Stages);

function step(stage) {
  const status =
    stage.retry_at && stage.status !== "completed" && stage.status !== "failed" ? "retrying" : stage.status;
  return html`<li
    class="step"
    data-stage-key=${stage.stage_key}
    data-status=${status}
    aria-current=${stage.status === "running" ? "step" : nothing}
  >
    <span class="step-mark">${statusIcon(status)}</span>
    <div class="step-text">
      <p class="step-title">${stage.title}</p>
      <p class="quiet step-state">
        <span class="step-status">${words.statuses[status] ?? status}</span>
        ${duration(stage)}
        ${stage.artifacts.length ? html`<span>${words.stage.files(stage.artifacts.length)}</span>` : nothing}
      </p>
      ${stage.carried_from ? html`<p class="quiet">${words.stage.carried}</p>` : nothing}
      ${status === "retrying" ? html`<p class="quiet">${words.stage.nextTry(formatClock(stage.retry_at))}</p>` : nothing}
      ${attempts(stage.attempts, status === "retrying")}
    </div>
  </li>`;
}

function duration({ started_at: started, finished_at: finished, carried_from: carried }) {
  return started && finished && !carried ? html`<span>${formatDuration(started, finished)}</span>` : nothing;
}

/** Attempts are worth a word only when one of them failed. */
function attempts(all, open) {
  if (!all.some(({ status }) => status === "failed")) return nothing;
  return html`<details class="attempts" ?open=${open}>
    <summary>${words.stage.attempts(all.length)}</summary>
    <ul>
      ${all.map(
        ({ attempt, status, error_message: message }) =>
          html`<li data-status=${status}>
            <span>${words.stage.attempt(attempt)}: ${(words.statuses[status] ?? status).toLowerCase()}</span>
            ${status === "failed" ? html`<span class="step-error">${message || words.stage.unnamed}</span>` : nothing}
          </li>`,
      )}
    </ul>
  </details>`;
}
