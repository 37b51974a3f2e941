/** Chooses between the system's theme, light and dark. */

import { Part } from "../lib/element.js";
import { html, icon } from "../lib/html.js";
import { currentTheme } from "../lib/theme.js";
import { words } from "../lib/words.js";

customElements.define("vm-theme", class extends Part {
  view() {
    const label = words.theme.change(words.theme[currentTheme()]);
    return html`<button class="button ghost" type="button" title=${label} @click=${() => this.intend("theme_changed")}>${icon("theme")}<span class="visually-hidden">${label}</span></button>`;
  }
});
