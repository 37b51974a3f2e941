/** The button that opens the navigation where there is no room for it. */

import { Part } from "../lib/element.js";
import { html, icon } from "../lib/html.js";
import { words } from "../lib/words.js";

class Menu extends Part {
  #open = false;

  /** Escape closes what it opened, from there as well, and has the keyboard back; a small menu in it goes first. */
  connectedCallback() {
    for (const place of [this, document.querySelector("#navigation")])
      place.addEventListener("keydown", ({ key, target }) => {
        if (key !== "Escape" || !this.#open || target.closest("details.menu[open]")) return;
        this.querySelector("button").focus();
        this.intend("navigation_toggled", { open: false });
      });
  }

  update(state) {
    this.#open = state.navigationOpen;
    super.update(state);
  }

  view = ({ navigationOpen }) =>
    html`<button
      class="button ghost"
      type="button"
      aria-expanded=${String(navigationOpen)}
      aria-controls="navigation"
      @click=${() => this.intend("navigation_toggled")}
    >
      ${icon(navigationOpen ? "x" : "menu")}<span class="visually-hidden">${words.navigation.open}</span>
    </button>`;
}

customElements.define("vm-menu", Menu);
