/** The place of a comparison; what shows it is loaded when somebody compares for the first time. */

import { Part } from "../lib/element.js";
import { html, icon, nothing, problemBox } from "../lib/html.js";
import { runHash } from "../lib/router.js";
import { words } from "../lib/words.js";

const said = words.compare;
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
    const { comparison, route, thread } = state;
    if (!route.compare || !thread) return nothing;
    if (show && comparison?.key) return show(state, (hash) => this.intend("compared", { hash }));
    return html`<section class="comparison" aria-labelledby="comparison-title" data-status=${comparison?.status ?? "loading"}>
      <header class="comparison-head">
        <h2 id="comparison-title">${said.title}</h2>
        <a class="button small" data-action="close" href=${runHash(route.run_id)}>${icon("x")}${said.close}</a>
      </header>
      ${comparison?.problem ? problemBox(comparison.problem) : html`<p class="quiet reader-wait">${said.loading}</p>`}
    </section>`;
  }

  async #load() {
    ({ show } = await import("./comparison.js").catch(() => ({})));
    if (show) super.update(this.#last);
  }
}

customElements.define("vm-compare", Compare);
