/** The button that opens the navigation where there is no room for it. */

import { Part } from "../lib/element.js";
import { html, icon } from "../lib/html.js";
import { words } from "../lib/words.js";

class Menu extends Part {
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
