/** The place of what is said where no thread is open; what is in it comes when it is first needed. */

import { Part } from "../lib/element.js";
import { viewOf } from "../lib/view.js";

class PickPlace extends Part {
  update(state) {
    if (!["pick", "missing"].includes(viewOf(state))) return this.replaceChildren();
    this.last = state;
    if (this.firstElementChild) return this.firstElementChild.update(state);
    return this.#fill();
  }

  async #fill() {
    await import("./pick_pane.js");
    if (this.firstElementChild || !["pick", "missing"].includes(viewOf(this.last))) return;
    this.append(document.createElement("vm-pick-pane"));
    this.firstElementChild.update(this.last);
  }
}

customElements.define("vm-pick", PickPlace);
