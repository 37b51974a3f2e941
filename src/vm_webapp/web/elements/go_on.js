/** What one can do with the stage and the version that are being read: revise, edit, mark as best, start from it. */

import { editableFile } from "../lib/editing.js";
import { Part } from "../lib/element.js";
import { button, html, icon, nothing, time } from "../lib/html.js";
import { isSettled } from "../lib/reduce.js";
import { may, mayMake } from "../lib/rights.js";
import { shownFile, shownRun } from "../lib/shown.js";
import { personText } from "../lib/timeline.js";
import { words } from "../lib/words.js";

const said = words.revision;

class GoOn extends Part {
  view(state) {
    const run = shownRun(state);
    if (!run || run.erased || state.editor || !may(state, "edit")) return nothing;
    const { best } = state.thread ?? {};
    const isBest = best?.run_id === run.run_id;
    const key = shownFile(state)?.stage_key;
    const stage = run.stages.find((one) => one.stage_key === key);
    const makes = mayMake(state);
    const file = makes && editableFile(state);
    const dialog = (name, facts) => () => this.intend("dialog_opened", { dialog: { name, run, ...facts } });
    return html`${isBest ? this.#best(best, state) : nothing}
      <div class="row go-on">
        ${file ? button(said.edit, () => this.intend("editor_opened", { file }), { name: "pencil", kind: "small", action: "edit" }) : nothing}
        ${makes && stage?.status === "completed" ? button(said.ask, dialog("revision", { stage }), { name: "retry", kind: "small", action: "ask-revision" }) : nothing}
        ${makes && run.stages_done ? button(said.fork, dialog("fork", { runId: best?.run_id }), { name: "fork", kind: "small", action: "fork" }) : nothing}
        ${isBest || run.status !== "completed" ? nothing : button(words.best.choose, dialog("best"), { name: "star", kind: "small", action: "best" })}
        ${may(state, "administer") && isSettled(run) ? button(words.run.erase, dialog("erasure", { subject: { run_id: run.run_id } }), { kind: "ghost small", action: "erase" }) : nothing}
      </div>`;
  }

  #best({ reason, by, at }, state) {
    const { now, busy } = state;
    const remove = () => this.intend("best_marked", { runId: null });
    return html`<div class="best">
      <p>${icon("star")}<strong>${words.best.mark}</strong>${reason ? html`<span>${reason}</span>` : nothing}</p>
      <p class="quiet">${words.best.by(personText(by, state))}${time(at, now)}</p>
      ${button(words.best.remove, remove, { kind: "ghost small", action: "unbest", busy: busy.best })}
    </div>`;
  }
}

customElements.define("vm-go-on", GoOn);
