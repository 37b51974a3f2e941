/** The head of the version on show: its state in plain words and what one can do. */

import { formatDuration } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { html, icon, nothing, problemBox, statusTag, time } from "../lib/html.js";
import { isSettled, shownRunId } from "../lib/reduce.js";
import { runHash } from "../lib/router.js";
import { personText } from "../lib/timeline.js";
import { words } from "../lib/words.js";

customElements.define("vm-run", class extends Part {
  update(state, backend) {
    const runId = shownRunId(state);
    this.closest("article").hidden = !runId;
    this.backend = backend;
    super.update({ ...state, run: state.runDetails[runId] });
  }

  view(state) {
    const { run, busy, problems, now } = state;
    if (!run) return html`<p class="quiet" id="run-title">${words.run.loading}</p>`;
    const canceling = run.cancel_requested && !isSettled(run);
    const files = run.stages.some((stage) => stage.artifacts.length);
    return html`<header class="run-head" data-run-id=${run.run_id} data-status=${run.status}>
      <div class="run-row">
        <h2 id="run-title">${words.run.version(run.number)}</h2>${statusTag(canceling ? "canceling" : run.status)}
        <div class="row run-actions">
          ${isSettled(run) ? nothing : html`<button class="button small" type="button" data-action="cancel" ?disabled=${busy.run || canceling} @click=${() => this.intend("run_canceled", { run })}>${icon("ban")}${words.run.cancel}</button>`}
          ${files ? html`<a class="button small" href=${this.backend.downloadUrl(run.run_id)} download>${icon("package")}${words.run.zip}</a>` : nothing}
        </div>
      </div>
      ${canceling ? html`<p class="callout">${icon("ban")}${words.run.canceling}</p>` : nothing}
      ${run.status === "failed" || run.status === "canceled" ? this.#after(run, busy) : nothing}
      ${problemBox(problems.run)}
      <p class="run-request">${run.request_text}</p>
      <p class="facts quiet"><span>${words.run.profile(run.profile.title)}</span><span>${words.run.by(personText(run.requested_by))}</span>
        <span>${time(run.created_at, now)}</span>
        ${run.settled_at && run.started_at ? html`<span>${words.run.took(formatDuration(run.started_at, run.settled_at))}</span>` : nothing}
        ${this.#lineage(run, state)}</p>
    </header>`;
  }

  /** A failure says where and why, and what can be done about it. */
  #after(run, busy) {
    const stage = run.stages.find(({ stage_key: key }) => key === run.error?.stage_key);
    const helps = run.status === "canceled" || run.error?.retryable !== false;
    return html`<div class="callout" data-tone=${run.status === "failed" ? "danger" : nothing}>
      ${icon(run.status === "failed" ? "circle-x" : "ban")}
      <div>${run.error ? html`<p><strong>${stage ? words.run.failedAt(stage.title) : words.run.failed}</strong></p><p>${run.error.message}</p>` : nothing}
        <p class="quiet">${helps ? words.run.retryHint(run.number) : words.run.notRetryable}</p></div>
      <button class="button small ${helps ? "primary" : ""}" type="button" data-action="retry" ?disabled=${busy.run} @click=${() => this.intend("run_retried", { run })}>${icon("retry")}${words.run.retry}</button>
    </div>`;
  }

  #lineage({ forked_from: from }, { runs }) {
    if (!from) return nothing;
    const parent = runs?.items.find((row) => row.run_id === from.run_id);
    return html`<a href=${runHash(from.run_id)}>${parent ? words.run.forked(parent.number) : words.run.forkedUnknown}</a>`;
  }
});
