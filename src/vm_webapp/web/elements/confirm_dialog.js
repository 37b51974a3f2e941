/** Asks once more before a key approves: Enter says yes, Escape says no. */

import { Dialog } from "../lib/dialog.js";
import { html, icon } from "../lib/html.js";
import { titleOf, words } from "../lib/words.js";

const said = words.inbox;

class ConfirmDialog extends Dialog {
  view({ dialog }) {
    const { run, stage } = dialog;
    return html`<dialog class="card form" aria-labelledby="confirm-heading" aria-describedby="confirm-hint">
      <form class="stack" @submit=${(event) => this.#send(event, { run, stage })}>
        <h2 id="confirm-heading">${said.confirm(titleOf(stage.title))}</h2>
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
