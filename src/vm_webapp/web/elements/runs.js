/** The thread's versions, newest first, by the names that people use for them. */

import { formatMoment, formatWhen } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { filterRuns } from "../lib/finding.js";
import { html, icon, nothing, problemBox, repeat, statusIcon } from "../lib/html.js";
import { toldRunStatus } from "../lib/progress.js";
import { isSettled, shownRunId } from "../lib/reduce.js";
import { runHash } from "../lib/router.js";
import { tongueOf } from "../lib/tongue.js";
import { words } from "../lib/words.js";

class Runs extends Part {
  #shown = null;
  #count = null;

  /** The version that is turned to is in sight where the list moves by itself, and stays there when others come before it. */
  update(state) {
    const [shown, count] = [shownRunId(state), state.runs?.items.length];
    const stays = count !== this.#count && this.#beside() === 0;
    super.update(state);
    this.#count = count;
    if (!stays && shown === this.#shown) return;
    const beside = this.#beside();
    if (beside === null) return;
    this.#shown = shown;
    if (beside) this.closest(".side").scrollTop += beside;
  }

  /** How far the list has to move for the version on show to stand in its middle; 0 where it is in sight, null where it is not there. */
  #beside() {
    const row = this.querySelector("[aria-current]");
    if (!row) return null;
    const side = this.closest(".side");
    const [from, to] = [row.getBoundingClientRect(), side.getBoundingClientRect()];
    if (from.top >= to.top && from.bottom <= to.bottom) return 0;
    return from.top - to.top - (side.clientHeight - from.height) / 2;
  }

  view(state) {
    const { runs, runDetails, thread, filters, problems, now } = state;
    if (!runs) return nothing;
    if (!runs.items.length) return html`<p class="quiet">${words.run.none}</p>`;
    const shown = shownRunId(state);
    const passed = filterRuns(runs.items, filters);
    return html`<ul class="runs">
        ${repeat(
          passed,
          (run) => run.run_id,
          (run) => html`<li>${row(run, { shown, now, best: thread?.best?.run_id, details: runDetails[run.run_id] })}</li>`,
        )}
      </ul>
      ${passed.length ? nothing : html`<p class="quiet">${words.filter.none}</p>`}
      ${this.more("runs", words.run.more, state)} ${problemBox(problems.runs)}`;
  }
}

customElements.define("vm-runs", Runs);

function row(run, { shown, now, best, details }) {
  const working = !isSettled(run) && run.status !== "waiting_approval";
  const status = toldRunStatus({ ...details, ...run, stages: details?.stages });
  return html`<a
    class="run-row"
    href=${runHash(run.run_id)}
    data-run-id=${run.run_id}
    data-status=${run.erased ? status : run.status}
    aria-current=${run.run_id === shown ? "true" : nothing}
  >
    <span class="run-mark" data-status=${status}>${statusIcon(status)}</span>
    <span class="run-name">
      <strong>${words.run.version(run.number)}</strong>
      <time datetime=${run.created_at} title=${formatMoment(run.created_at)}>${formatWhen(run.created_at, now)}</time>
    </span>
    <span class="run-state">${words.statuses[status] ?? status}${working ? progress(run) : nothing}</span>
    ${run.erased ? nothing : html`<span class="run-text" dir="auto" lang=${tongueOf(run.request_text) ?? nothing}>${run.request_text}</span>`}
    ${run.run_id === best ? html`<span class="best-mark">${icon("star")}${words.best.mark}</span>` : nothing}
  </a>`;
}

function progress({ stages_done: done, stages_total: total }) {
  return html` <span class="visually-hidden">, </span><span class="run-progress">${words.run.steps(done, total)}</span>`;
}
