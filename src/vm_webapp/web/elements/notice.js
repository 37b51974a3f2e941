/** Problems that belong to no button. */

import { Part } from "../lib/element.js";
import { html, icon, repeat } from "../lib/html.js";
import { words } from "../lib/words.js";

customElements.define("vm-notices", class extends Part {
  view = ({ notices }) => repeat(notices, ({ text }) => text, ({ text, hint }) => html`<div class="problem" role="alert">
    ${icon("alert")}<div><p>${text}</p><p class="quiet">${hint}</p></div>
    <button class="button ghost small" type="button" @click=${() => this.intend("notice_dismissed", { text })}>${icon("x")}<span class="visually-hidden">${words.notice.dismiss}</span></button>
  </div>`);
});
