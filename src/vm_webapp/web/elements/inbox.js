/** The place of the inbox; what is in it comes when it is first opened. */

import { Part } from "../lib/element.js";
import { viewOf } from "../lib/view.js";

class InboxPlace extends Part {
  update(state, backend) {
    if (state.route.name !== "inbox") return this.replaceChildren();
    this.last = [state, backend];
    if (this.firstElementChild) return this.firstElementChild.update(...this.last);
    return viewOf(state) === "inbox" ? this.#fill() : undefined; // what is not on show cannot take the keyboard
  }

  async #fill() {
    await import("./inbox_pane.js");
    if (viewOf(this.last[0]) !== "inbox" || this.firstElementChild) return;
    this.append(document.createElement("vm-inbox-pane"));
    this.firstElementChild.update(...this.last);
  }
}

customElements.define("vm-inbox", InboxPlace);
