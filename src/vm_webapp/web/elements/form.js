/** The place of the forms for brands, projects and threads; what is in it comes when the first one is opened. */

import { Part } from "../lib/element.js";

class FormPlace extends Part {
  #coming = false;

  update(state) {
    this.last = state;
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
