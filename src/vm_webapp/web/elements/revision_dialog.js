/** Asks for the revision of a finished stage. */

import { revisionDraft } from "../lib/deciding_state.js";
import { Dialog } from "../lib/dialog.js";
import { kept } from "../lib/drafts.js";
import { filled, formValues } from "../lib/element.js";
import { html, problemBox, still } from "../lib/html.js";
import { titleOf, words } from "../lib/words.js";

const said = words.revision;

class RevisionDialog extends Dialog {
  view({ dialog, busy, problems }) {
    const { run, stage } = dialog;
    return html`<dialog class="card form" aria-labelledby="revision-heading">
      <form class="stack" ${kept(revisionDraft(run.run_id, stage.stage_key))} @submit=${(event) => this.#send(event, run, stage)}>
        <h2 id="revision-heading">${said.title(titleOf(stage.title))}</h2>
        <div class="field">
          <label for="revision-feedback">${said.feedback}</label>
          <textarea dir="auto" id="revision-feedback" name="feedback" rows="4" required maxlength="10000"></textarea>
          <p class="quiet">${said.hint(run.number)}</p>
        </div>
        ${problemBox(problems.revision)}
        <div class="row end">
          <button class="button" type="button" @click=${() => this.close()}>${said.cancel}</button>
          <button class="button primary" type="submit" aria-disabled=${still(busy.revision)}>${said.send}</button>
        </div>
      </form>
    </dialog>`;
  }

  #send(event, run, stage) {
    event.preventDefault();
    const { feedback } = formValues(event.currentTarget);
    if (filled(event.currentTarget)) this.intend("revised", { runId: run.run_id, stageKey: stage.stage_key, feedback });
  }
}

customElements.define("vm-revision-dialog", RevisionDialog);
