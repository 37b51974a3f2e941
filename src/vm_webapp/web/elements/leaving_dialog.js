/** Asks before a text that was not saved goes out of sight. */

import { Dialog } from "../lib/dialog.js";
import { button, html } from "../lib/html.js";
import { language } from "../lib/words.js";
import tables from "../lib/words/editor.js";

const said = tables[language];

class LeavingDialog extends Dialog {
  view() {
    const answer = (how) => () => this.intend("editor_left", { how });
    return html`<dialog class="card form" aria-labelledby="leaving-heading" aria-describedby="leaving-text">
      <div class="stack">
        <h2 id="leaving-heading">${said.leave}</h2>
        <p id="leaving-text">${said.leaveText}</p>
        <div class="row end">
          ${button(said.discard, answer("discard"), { kind: "danger" })} ${button(said.keep, answer("keep"))}
          ${button(said.stay, answer("stay"), { kind: "primary" })}
        </div>
      </div>
    </dialog>`;
  }

  shown() {
    this.querySelector(".primary").focus();
  }
}

customElements.define("vm-leaving-dialog", LeavingDialog);
