/** A dialog that app.js opens by name: shown once, closed by its own buttons and by Escape. */

import { Part } from "./element.js";
import { render } from "./html.js";

export class Dialog extends Part {
  update(state, backend) {
    this.backend = backend;
    render(this.view(state), this);
    const dialog = this.querySelector("dialog");
    if (!dialog || dialog.open) return;
    dialog.addEventListener("close", () => this.intend("dialog_closed", { name: state.dialog?.name }));
    dialog.showModal();
    this.shown();
  }

  /** Called once, when the dialog stands open. */
  shown() {}

  close() {
    this.querySelector("dialog").close();
  }
}
