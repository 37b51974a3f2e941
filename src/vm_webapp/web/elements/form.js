/** The place of the forms for brands, projects and threads; what is in it comes when the first one is opened. */

import { Part } from "../lib/element.js";

class FormPlace extends Part {
  /** Who had the keyboard when the form was asked for; a menu that closes meanwhile lets go of it. */
  opener = null;
  #form = null;
  #coming = false;

  update(state) {
    this.last = state;
    if (state.form && state.form !== this.#form) this.opener = document.activeElement;
    this.#form = state.form;
    if (this.firstElementChild) return this.firstElementChild.update(state);
    return state.form && !this.#coming ? this.#fill() : undefined;
  }

  async #fill() {
    this.#coming = true;
    try {
      await import("./form_dialog.js");
    } finally {
      this.#coming = false;
    }
    this.append(document.createElement("vm-form-dialog"));
    this.firstElementChild.update(this.last);
  }
}

customElements.define("vm-form", FormPlace);
