/** Where dialogs stand; each comes to the page when it is first opened. */

import { Part } from "../lib/element.js";
import { giveBack } from "../lib/keyboard.js";

const LOAD = {
  best: () => import("./best_dialog.js"),
  confirm: () => import("./confirm_dialog.js"),
  erasure: () => import("./erasure_dialog.js"),
  fork: () => import("./fork_dialog.js"),
  leaving: () => import("./leaving_dialog.js"),
  palette: () => import("./palette_dialog.js"),
  revision: () => import("./revision_dialog.js"),
  rules: () => import("./rules_dialog.js"),
};

class DialogHost extends Part {
  #dialog = null;
  #opener = null;

  update(state, backend) {
    const { dialog } = state;
    this.last = [state, backend];
    if (dialog !== this.#dialog) this.#turn(dialog);
    else this.firstElementChild?.update(state, backend);
  }

  async #turn(dialog) {
    if (!this.#dialog) this.#opener = document.activeElement;
    this.#dialog = dialog;
    this.replaceChildren();
    if (!dialog) return this.#return();
    await LOAD[dialog.name]();
    if (this.#dialog !== dialog) return undefined;
    this.append(document.createElement(`vm-${dialog.name}-dialog`));
    return this.firstElementChild.update(...this.last);
  }

  /** The keyboard goes back to where it came from. */
  #return() {
    giveBack(this.#opener);
    this.#opener = null;
  }
}

customElements.define("vm-dialogs", DialogHost);
