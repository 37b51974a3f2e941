/** The place of the search; it comes when it is first opened. */

import { Part } from "../lib/element.js";

class SearchPlace extends Part {
  update(state, backend) {
    if (state.route.name !== "search") return this.replaceChildren();
    this.last = [state, backend];
    if (this.firstElementChild) return this.firstElementChild.update(...this.last);
    return this.#fill();
  }

  async #fill() {
    await import("./search_pane.js");
    if (this.last[0].route.name !== "search" || this.firstElementChild) return;
    this.append(document.createElement("vm-search-pane"));
    this.firstElementChild.update(...this.last);
  }
}

customElements.define("vm-search", SearchPlace);
