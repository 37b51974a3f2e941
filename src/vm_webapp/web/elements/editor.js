/** The place of the editor, in the stead of the text it edits; the editor itself comes when it is first needed. */

import { Part } from "../lib/element.js";

class EditorPlace extends Part {
  update(state, backend) {
    const open = Boolean(state.editor);
    document.body.dataset.editing = String(open);
    if (!open) return this.replaceChildren();
    this.last = [state, backend];
    if (this.firstElementChild) return this.firstElementChild.update(...this.last);
    return this.#fill();
  }

  async #fill() {
    await import("./editor_pane.js");
    if (document.body.dataset.editing !== "true") return;
    if (!this.firstElementChild) this.append(document.createElement("vm-editor-pane"));
    this.firstElementChild.update(...this.last);
  }
}

customElements.define("vm-editor", EditorPlace);
