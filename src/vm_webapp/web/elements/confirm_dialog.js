/** Asks once more before a key approves: Enter says yes, Escape says no. What was typed in the panel goes along. */

import { draftFor, shownDigest } from "../lib/deciding_state.js";
import { Dialog } from "../lib/dialog.js";
import { formDraft } from "../lib/drafts.js";
import { html, icon, nothing } from "../lib/html.js";
import { titleOf, words } from "../lib/words.js";

const said = words.inbox;

class ConfirmDialog extends Dialog {
  view(state) {
    const { run, stage } = state.dialog;
    const { comment = "" } = formDraft(draftFor("approval", run, stage, shownDigest(state, run, stage)));
    return html`<dialog class="card form" aria-labelledby="confirm-heading" aria-describedby="confirm-hint">
      <form class="stack" @submit=${(event) => this.#send(event, { run, stage, comment: comment.trim() })}>
        <h2 id="confirm-heading">${said.confirm(titleOf(stage.title))}</h2>
        ${comment.trim() ? html`<p class="quiet">${said.withComment}</p><blockquote class="callout note-text" dir="auto">${comment.trim()}</blockquote>` : nothing}
        <p class="quiet" id="confirm-hint">${said.confirmHint}</p>
        <div class="row end">
          <button class="button" type="button" @click=${() => this.close()}>${said.no}</button>
          <button class="button primary" type="submit">${icon("check")}${said.yes}</button>
        </div>
      </form>
    </dialog>`;
  }

  shown() {
    this.querySelector("[type=submit]").focus();
  }

  #send(event, decision) {
    event.preventDefault();
    this.close();
    this.intend("approved", decision);
  }
}

customElements.define("vm-confirm-dialog", ConfirmDialog);
