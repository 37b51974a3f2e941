/** The place of the inbox; what is in it comes when it is first opened. */

import { Part } from "../lib/element.js";

class InboxPlace extends Part {
  update(state, backend) {
    if (state.route.name !== "inbox") return this.replaceChildren();
    this.last = [state, backend];
    if (this.firstElementChild) return this.firstElementChild.update(...this.last);
    return this.#fill();
  }

  async #fill() {
    await import("./inbox_pane.js");
    if (this.last[0].route.name !== "inbox" || this.firstElementChild) return;
    this.append(document.createElement("vm-inbox-pane"));
    this.firstElementChild.update(...this.last);
  }
}

customElements.define("vm-inbox", InboxPlace);
