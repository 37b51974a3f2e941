/** The head of the version on show: its state in plain words and what one can do. */

import { formatDuration } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { button, html, icon, nothing, problemBox, statusTag, time } from "../lib/html.js";
import { isSettled, shownRunId } from "../lib/reduce.js";
import { runHash } from "../lib/router.js";
import { personText } from "../lib/timeline.js";
import { words } from "../lib/words.js";

class Run extends Part {
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
        <h2 id="run-title">${words.run.version(run.number)}</h2>
        ${statusTag(canceling ? "canceling" : run.status)}
        <div class="row run-actions">
          ${isSettled(run) ? nothing : this.#cancel(run, busy.run || canceling)} ${files ? this.#zip(run) : nothing}
        </div>
      </div>
      ${canceling ? html`<p class="callout">${icon("ban")}${words.run.canceling}</p>` : nothing}
      ${run.status === "failed" || run.status === "canceled" ? this.#after(run, busy) : nothing}
      ${problemBox(problems.run)}
      <p class="run-request">${run.request_text}</p>
      <p class="facts quiet">
        <span>${words.run.profile(run.profile.title)}</span><span>${words.run.by(personText(run.requested_by))}</span>
        <span>${time(run.created_at, now)}</span>
        ${duration(run)} ${this.#lineage(run, state)}
      </p>
    </header>`;
  }

  #cancel(run, disabled) {
    const act = () => this.intend("run_canceled", { run });
    return button(words.run.cancel, act, { name: "ban", kind: "small", action: "cancel", disabled });
  }

  #zip({ run_id: runId }) {
    const url = this.backend.downloadUrl(runId);
    return html`<a class="button small" href=${url} download>${icon("package")}${words.run.zip}</a>`;
  }

  /** A failure says where and why, and what can be done about it. */
  #after(run, busy) {
    const stage = run.stages.find(({ stage_key: key }) => key === run.error?.stage_key);
    const rejected = run.error?.code === "rejected";
    const helps = run.status === "canceled" || rejected || run.error?.retryable !== false;
    const where = rejected ? words.run.rejectedAt : words.run.failedAt;
    const act = () => this.intend("run_retried", { run });
    const kind = helps ? "primary small" : "small";
    return html`<div class="callout" data-tone=${run.status === "failed" ? "danger" : nothing}>
      ${icon(run.status === "failed" ? "circle-x" : "ban")}
      <div>
        ${
          run.error
            ? html`<p><strong>${stage ? where(stage.title) : words.run.failed}</strong></p>
                <p>${run.error.message}</p>`
            : nothing
        }
        <p class="quiet">${helps ? words.run.retryHint(run.number) : words.run.notRetryable}</p>
      </div>
      ${button(words.run.retry, act, { name: "retry", kind, action: "retry", disabled: busy.run })}
    </div>`;
  }

  #lineage({ forked_from: from }, { runs }) {
    if (!from) return nothing;
    const parent = runs?.items.find((row) => row.run_id === from.run_id);
    return html`<a href=${runHash(from.run_id)}
      >${parent ? words.run.forked(parent.number) : words.run.forkedUnknown}</a
    >`;
  }
}

function duration({ started_at: started, settled_at: settled }) {
  if (!started || !settled) return nothing;
  return html`<span>${words.run.took(formatDuration(started, settled))}</span>`;
}

customElements.define("vm-run", Run);
