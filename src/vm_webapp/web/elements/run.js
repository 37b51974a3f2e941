/** The head of the version on show: its name, its state in plain words, and what one can do. */

import { formatDuration, formatMoment, formatWhen } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { failureText } from "../lib/failure.js";
import { button, html, icon, nothing, problemBox, statusTag } from "../lib/html.js";
import { toldRunStatus } from "../lib/progress.js";
import { isSettled, shownRunId } from "../lib/reduce.js";
import { may, mayMake } from "../lib/rights.js";
import { runHash } from "../lib/router.js";
import { personText } from "../lib/timeline.js";
import { tongueOf } from "../lib/tongue.js";
import { titleOf, words } from "../lib/words.js";

class Run extends Part {
  update(state) {
    const runId = shownRunId(state);
    this.closest("article").hidden = !runId;
    super.update(Object.assign(Object.create(state), { run: state.runDetails[runId] }));
  }

  view(state) {
    const { run, busy, problems, now } = state;
    if (!run) return html`<p class="quiet" id="run-title">${words.run.loading}</p>`;
    const canceling = run.cancel_requested && !isSettled(run);
    const tongue = tongueOf(run.request_text) ?? nothing;
    return html`<header class="run-head" data-run-id=${run.run_id} data-status=${run.status}>
      <div class="run-line">
        <h2 id="run-title">${words.run.version(run.number)}</h2>
        <time class="quiet" datetime=${run.created_at} title=${formatMoment(run.created_at)}>${formatWhen(run.created_at, now)}</time>
        ${statusTag(toldRunStatus(run))}
        <div class="row run-actions">
          ${isSettled(run) || !may(state, "edit") ? nothing : this.#cancel(run, busy.run || canceling)}
        </div>
      </div>
      <details class="run-request">
        <summary><span dir="auto" lang=${tongue}>${run.request_text}</span></summary>
        <p dir="auto" lang=${tongue}>${run.request_text}</p>
        <p class="facts quiet">
          <span>${titleOf(run.profile.title)}</span><span>${words.run.by(personText(run.requested_by, state, run))}</span>
          ${duration(run)}
        </p>
      </details>
      ${this.#lineage(run, state)} ${brought(run, state)} ${particulars(run)} ${run.erased ? gone(run.erased, state) : this.#note(run, canceling, state)}
      ${!run.erased && (run.status === "failed" || run.status === "canceled") ? this.#after(run, state) : nothing}
      ${problemBox(problems.run)}
    </header>`;
  }

  #cancel(run, busy) {
    const act = () => this.intend("run_canceled", { run });
    return button(words.run.cancel, act, { name: "ban", kind: "small", action: "cancel", busy });
  }

  /** What happens next, where that is not plain from the progress. */
  #note(run, canceling, { runs }) {
    if (canceling) return html`<p class="callout">${icon("ban")}<span>${words.run.canceling}</span></p>`;
    if (run.status !== "queued") return nothing;
    const before = runs?.items.some((one) => one.number < run.number && !isSettled(one));
    return html`<p class="callout">${icon("clock")}<span>${before ? words.run.queued : words.run.starting}</span></p>`;
  }

  /** A failure says where and why, and what can be done about it. */
  #after(run, state) {
    const stage = run.stages.find(({ stage_key: key }) => key === run.error?.stage_key);
    const rejected = run.error?.code === "rejected";
    if (rejected && run.stages.some(({ gate }) => gate?.decision === "rejected")) return nothing;
    const late = rejected && stage?.gate?.decision === "expired"; // nobody's reason, but the server's sentence
    const helps = run.status === "canceled" || run.error?.retryable !== false;
    const act = () => this.intend("run_retried", { run });
    const change = () => this.intend("request_changed", { run });
    const failed = run.status === "failed";
    const title = stage ? words.run.failedAt(titleOf(stage.title)) : words.run[failed ? "failed" : "canceled"];
    return html`<div class="callout" data-tone=${failed ? "danger" : nothing}>
      ${icon(failed ? "circle-x" : "ban")}
      <div>
        <p><strong>${title}</strong></p>
        ${run.error ? html`<p>${failureText(late ? "approval_expired" : run.error.code, run.error.message)}</p><p class="quiet" data-detail><code>${run.error.code}</code> ${run.error.message}</p>` : nothing}
        <p class="quiet">${helps ? words.run.retryHint(run.number) : words.run.notRetryable}</p>
      </div>
      ${mayMake(state) && !helps ? button(words.run.change, change, { name: "pencil", kind: "small", action: "change-request" }) : nothing}
      ${mayMake(state) ? button(words.run.retry, act, { name: "retry", kind: "small", action: "retry", busy: state.busy.run }) : nothing}
    </div>`;
  }

  #lineage({ forked_from: from }, { runs }) {
    if (!from) return nothing;
    const parent = runs?.items.find((row) => row.run_id === from.run_id);
    const label = parent ? words.run.forked(parent.number) : words.run.forkedUnknown;
    return html`<p class="quiet"><a href=${runHash(from.run_id)}>${label}</a></p>`;
  }
}

customElements.define("vm-run", Run);

/** Of an erased version this is all that is left. */
function gone({ by, at, reason }, state) {
  return html`<div class="callout" data-erased>
    ${icon("lock")}
    <div>
      <p><strong>${words.run.erased(personText(by, state), formatMoment(at))}</strong></p>
      <p dir="auto">${reason}</p>
      <p class="quiet">${words.run.erasedHint}</p>
    </div>
  </div>`;
}

/** Whose work it is, where another workspace made it. */
function brought({ imported }, state) {
  if (!imported) return nothing;
  return html`<p class="quiet" data-imported>${words.run.imported(personText(imported.by, state), formatMoment(imported.at))}</p>`;
}

function duration({ started_at: started, settled_at: settled }) {
  if (!started || !settled) return nothing;
  return html`<span>${words.run.took(formatDuration(started, settled))}</span>`;
}

function particulars({ run_id: id, profile, writer, imported }) {
  return html`<dl class="particulars" data-detail>
    <div><dt>${words.details.run}</dt><dd><code>${id}</code></dd></div>
    <div><dt>${words.details.profile}</dt><dd><code>${profile.mode} ${profile.version}</code></dd></div>
    ${imported ? html`<div><dt>${words.details.log}</dt><dd><code>${imported.origin} ${imported.fingerprint}</code></dd></div>` : nothing}
    ${writer ? html`<div><dt>${words.details.writer}</dt><dd><code>${writer}</code></dd></div>` : nothing}
  </dl>`;
}
