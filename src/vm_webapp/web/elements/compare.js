/** The place of a comparison; what shows it is loaded when somebody compares for the first time. */

import { Part } from "../lib/element.js";
import { html, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

let show = null;

class Compare extends Part {
  #last = null;

  update(state) {
    document.body.dataset.comparing = String(Boolean(state.route.compare && state.thread));
    this.#last = state;
    super.update(state);
    if (state.comparison && !show) this.#load();
  }

  view(state) {
    if (!state.comparison || !state.route.compare) return nothing;
    return show ? show(state, (hash) => this.intend("compared", { hash })) : html`<p class="quiet reader-wait">${words.compare.loading}</p>`;
  }

  async #load() {
    ({ show } = await import("./comparison.js"));
    super.update(this.#last);
  }
}

customElements.define("vm-compare", Compare);
