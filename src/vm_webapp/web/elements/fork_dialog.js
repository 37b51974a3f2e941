/** A new version that starts from an old one: from the best one, unless another is chosen. */

import { Dialog } from "../lib/dialog.js";
import { draftOf, formDraft, keepDraft, kept } from "../lib/drafts.js";
import { formValues } from "../lib/element.js";
import { html, keyed, nothing, problemBox, still } from "../lib/html.js";
import { titleOf, words } from "../lib/words.js";

const said = words.revision;

class ForkDialog extends Dialog {
  #runId = null;
  #stageKey = "";
  #wanted = new Set();

  view(state) {
    const { runs, runDetails, thread, busy, problems, dialog } = state;
    if (!this.#runId) this.#turnTo(begun(state) ?? dialog.runId ?? thread?.best?.run_id ?? runs?.items[0]?.run_id);
    const row = runs?.items.find(({ run_id: id }) => id === this.#runId);
    const run = runDetails[this.#runId];
    if (!run && row) this.#want(this.#runId);
    return html`<dialog class="card form" aria-labelledby="fork-heading">
      <div class="stack">
        <h2 id="fork-heading">${said.forkTitle}</h2>
        <div class="field">
          <label for="fork-run">${said.from}</label>
          <select id="fork-run" @change=${({ target }) => this.#turn(target.value, state)}>
            ${(runs?.items ?? []).map((one) => this.#choice(one, thread))}
          </select>
        </div>
        ${keyed(this.#runId, this.#form({ run, row, busy, problem: problems.fork }, state))}
      </div>
    </dialog>`;
  }

  /** What is typed belongs to the version that it starts from: each has a form of its own, kept by itself. */
  #form({ run, row, busy, problem }, state) {
    return html`<form class="stack" ${kept(draftFor(this.#runId))} @submit=${(event) => this.#send(event, row)}>
      <div class="field">
        <label for="fork-stage">${said.stage}</label>
        <select id="fork-stage" name="stage_key" @change=${({ target }) => this.#begin(target.value, state)}>
          <option value="">${said.start}</option>
          ${(run?.stages ?? []).slice(1).map((stage) => html`<option value=${stage.stage_key} ?selected=${stage.stage_key === this.#stageKey}>${titleOf(stage.title)}</option>`)}
        </select>
        ${run ? html`<p class="quiet" aria-live="polite">${said.kept(carried(run, this.#stageKey))}</p>` : nothing}
      </div>
      <div class="field">
        <label for="fork-request">${said.request}</label>
        <textarea dir="auto" id="fork-request" name="request_text" rows="3" required maxlength="20000" .defaultValue=${row?.request_text ?? ""}></textarea>
      </div>
      <div class="field">
        <label for="fork-feedback">${said.change} <span class="quiet">${said.optional}</span></label>
        <textarea dir="auto" id="fork-feedback" name="feedback" rows="2" maxlength="10000"></textarea>
      </div>
      ${problemBox(problem)}
      <div class="row end">
        <button class="button" type="button" @click=${(event) => this.#cancel(event)}>${said.cancel}</button>
        <button class="button primary" type="submit" aria-disabled=${still(busy.fork || !row)}>${said.forkSend}</button>
      </div>
    </form>`;
  }

  /** Which stages a version has is read when it is first chosen. */
  #want(runId) {
    if (this.#wanted.has(runId)) return;
    this.#wanted.add(runId);
    this.intend("run_wanted", { runId });
  }

  #choice({ run_id: id, number }, thread) {
    const best = thread?.best?.run_id === id;
    const label = best ? `${words.run.version(number)} (${said.best})` : words.run.version(number);
    return html`<option value=${id} ?selected=${id === this.#runId}>${label}</option>`;
  }

  /** The choice is kept as well, for what was typed is found under it. */
  #turn(runId, state) {
    keepDraft(choiceIn(state), runId);
    this.#turnTo(runId);
    this.update(state, this.backend);
  }

  #turnTo(runId) {
    this.#runId = runId;
    this.#stageKey = formDraft(draftFor(runId)).stage_key ?? "";
  }

  #begin(stageKey, state) {
    this.#stageKey = stageKey;
    this.update(state, this.backend);
  }

  #cancel({ target: { form } }) {
    form.reset();
    this.close();
  }

  #send(event, row) {
    event.preventDefault();
    const form = event.currentTarget;
    const { stage_key: stageKey, request_text: request, feedback } = formValues(form);
    const values = {
      ...(stageKey && { stage_key: stageKey }),
      ...(request !== row.request_text && { request_text: request }),
      ...(feedback && { feedback }),
    };
    this.intend("forked", { runId: this.#runId, values, done: () => form.reset() });
  }
}

customElements.define("vm-fork-dialog", ForkDialog);

const draftFor = (runId) => `fork:${runId}`;
const choiceIn = ({ threadId }) => `fork-from:${threadId}`;

/** The version that something was begun from and not sent yet, where it is still offered. */
function begun(state) {
  const runId = draftOf(choiceIn(state));
  return runId && draftOf(draftFor(runId)) && state.runs?.items.some(({ run_id: id }) => id === runId) ? runId : null;
}

/** The titles of the stages that are taken over: finished, and needing nothing that is written anew. */
export function carried({ stages }, stageKey) {
  const anew = new Set([stageKey || stages[0]?.stage_key]);
  return stages
    .filter(({ stage_key: key, status, needs }) => {
      const stays = !anew.has(key) && status === "completed" && !needs.some((need) => anew.has(need));
      if (!stays) anew.add(key);
      return stays;
    })
    .map(({ title }) => titleOf(title));
}
