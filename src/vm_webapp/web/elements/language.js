/** Turns the page to the other language. */

import { Part } from "../lib/element.js";
import { html } from "../lib/html.js";
import { words } from "../lib/words.js";

const said = words.language;

class Language extends Part {
  view = () =>
    html`<button
      class="button ghost"
      type="button"
      lang=${said.otherTag}
      title=${said.change}
      aria-label=${said.change}
      @click=${() => this.intend("language_switched")}
    >
      ${said.short}
    </button>`;
}

customElements.define("vm-language", Language);
