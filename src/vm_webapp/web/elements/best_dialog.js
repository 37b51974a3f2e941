/** Says which version is the best so far, and why. */

import { Dialog } from "../lib/dialog.js";
import { kept } from "../lib/drafts.js";
import { formValues } from "../lib/element.js";
import { html, problemBox, still } from "../lib/html.js";
import { words } from "../lib/words.js";

const said = words.best;

class BestDialog extends Dialog {
  view({ dialog, busy, problems }) {
    const { run } = dialog;
    return html`<dialog class="card form" aria-labelledby="best-heading">
      <form class="stack" ${kept(`best:${run.run_id}`)} @submit=${(event) => this.#send(event, run)}>
        <h2 id="best-heading">${said.title(words.run.version(run.number))}</h2>
        <div class="field">
          <label for="best-reason">${said.reason} <span class="quiet">${words.form.optional}</span></label>
          <textarea dir="auto" id="best-reason" name="reason" rows="2" maxlength="1000"></textarea>
          <p class="quiet">${said.hint}</p>
        </div>
        ${problemBox(problems.best)}
        <div class="row end">
          <button class="button" type="button" @click=${() => this.close()}>${said.cancel}</button>
          <button class="button primary" type="submit" aria-disabled=${still(busy.best)}>${said.send}</button>
        </div>
      </form>
    </dialog>`;
  }

  #send(event, run) {
    event.preventDefault();
    const form = event.currentTarget;
    this.intend("best_marked", { runId: run.run_id, ...formValues(form), done: () => form.reset() });
  }
}

customElements.define("vm-best-dialog", BestDialog);
