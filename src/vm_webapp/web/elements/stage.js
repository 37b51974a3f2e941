/** The stages of the version on show as a track: one row each, with what happened in it folded away. */

import { formatAgo, formatClock, formatDuration, formatSeconds } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { button, html, nothing, repeat, statusIcon } from "../lib/html.js";
import { failureText } from "../lib/failure.js";
import { elapsedOf, expectedOf, isSlow, toldStatus } from "../lib/progress.js";
import { isSettled } from "../lib/reduce.js";
import { may } from "../lib/rights.js";
import { shownRun } from "../lib/shown.js";
import { stageEvents } from "../lib/timeline.js";
import { titleOf, words } from "../lib/words.js";
import { sentence } from "./event.js";

const said = words.stage;
const wide = matchMedia("(width >= 62rem)");

class Stages extends Part {
  #ticking = 0;
  #last = null;

  update(state, backend) {
    this.#last = [state, backend];
    this.now = backend.now();
    super.update(state);
    const working = shownRun(state)?.stages.some((stage) => stage.status === "running" || stage.retry_at);
    if (working && !this.#ticking) this.#ticking = setInterval(() => document.hidden || this.update(...this.#last), 1000);
    if (!working) this.#ticking = clearInterval(this.#ticking) ?? 0;
  }

  view(state) {
    const run = shownRun(state);
    if (!run) return nothing;
    const done = run.stages.filter(({ status }) => status === "completed").length;
    return html`<details class="progress" ?open=${wide.matches || !isSettled(run)}>
      <summary class="progress-head">
        <h2>${said.many}</h2>
        <span class="quiet">${words.run.progress(done, run.stages.length)}</span>
      </summary>
      <ol class="track">
        ${repeat(
          run.stages,
          (stage) => `${run.run_id}/${stage.stage_key}`,
          (stage) => this.#step(run, stage, state),
        )}
      </ol>
    </details>`;
  }

  #step(run, stage, state) {
    const status = toldStatus(stage);
    const events = stageEvents(state.timeline?.items ?? [], run, stage);
    const title = html`<span class="step-title">${titleOf(stage.title)}</span>
      <span class="step-status">${words.statuses[status] ?? status}</span>
      <span class="step-time">${this.#time(run, stage, state)}</span>`;
    return html`<li class="step" data-stage-key=${stage.stage_key} data-status=${status} aria-current=${stage.status === "running" ? "step" : nothing}>
      <span class="step-mark">${statusIcon(status)}</span>
      ${
        events.length
          ? html`<details>
              <summary>${title}</summary>
              <ol class="step-events">
                ${events.map((item) => html`<li>${sentence(item, state)} <span class="quiet">${formatClock(item.occurred_at)}</span></li>`)}
              </ol>
            </details>`
          : html`<div class="step-row">${title}</div>`
      }
      ${this.#next(run, stage, state)}
    </li>`;
  }

  /** How long it took; or how long it has worked, and how long it usually does. */
  #time(run, stage, { profiles }) {
    const { started_at: started, finished_at: finished, carried_from: carried } = stage;
    const elapsed = elapsedOf(stage, this.now);
    const expected = expectedOf(run, stage, profiles);
    if (elapsed !== null)
      return [elapsed < 1 ? said.begun : said.elapsed(formatSeconds(Math.floor(elapsed))), expected && said.usual(formatSeconds(expected))].filter(Boolean).join(", ");
    if (stage.status === "pending" && expected && !isSettled(run)) return said.usual(formatSeconds(expected));
    return started && finished && !carried ? formatDuration(started, finished) : "";
  }

  /** What happens next, and what one can do about it. */
  #next(run, stage, state) {
    const notes = [...notesOf(run, stage, elapsedOf(stage, this.now), expectedOf(run, stage, state.profiles))];
    const waits = toldStatus(stage) === "retrying" && !isSettled(run);
    if (waits) notes.push(said.nextTry(formatAgo(stage.retry_at, this.now, { ahead: true })));
    if (!notes.length) return nothing;
    const act = () => this.intend("run_resumed", { run });
    return html`<div class="step-note">
      ${notes.map((note) => html`<p>${note}</p>`)}
      ${waits && may(state, "edit") ? button(said.resume, act, { name: "retry", kind: "small", action: "resume", busy: state.busy.run }) : nothing}
    </div>`;
  }
}

customElements.define("vm-stages", Stages);

function* notesOf(run, stage, elapsed, expected) {
  const failed = stage.attempts.filter(({ status }) => status === "failed");
  if (stage.carried_from) yield said.carried;
  if (failed.length && stage.status !== "completed")
    yield `${said.attempt(failed.at(-1).attempt)}: ${failureText(failed.at(-1).error_code, failed.at(-1).error_message)}`;
  if (stage.status === "completed" && failed.length) yield said.attempts(stage.attempts.length);
  if (isSlow(elapsed, expected)) yield said.slow(formatSeconds(expected));
  if (stage.status === "waiting_approval") yield said.waits;
  if (stage === run.stages.find(({ status }) => status === "skipped")) yield run.status === "canceled" ? said.canceled : said.stopped;
}
