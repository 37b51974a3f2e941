/** Turns the particulars on and off: ids, records, fingerprints. What they are stands beside each thing as `data-detail`. */

import { Part } from "../lib/element.js";
import { html } from "../lib/html.js";
import { words } from "../lib/words.js";

class Details extends Part {
  view = ({ details, thread }) =>
    html`<button
      class="button ghost words"
      type="button"
      aria-pressed=${String(details)}
      ?hidden=${!thread}
      @click=${() => this.intend("details_toggled", { details: !details })}
    >
      ${words.details.name}
    </button>`;
}

customElements.define("vm-details", Details);
