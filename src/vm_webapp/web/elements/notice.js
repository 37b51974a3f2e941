/** Problems that belong to no button. */

import { Part } from "../lib/element.js";
import { html, icon, iconButton, repeat } from "../lib/html.js";
import { words } from "../lib/words.js";

class Notices extends Part {
  view = ({ notices }) =>
    repeat(
      notices,
      ({ text }) => text,
      ({ text, hint }) =>
        html`<div class="problem" role="alert">
          ${icon("alert")}
          <div>
            <p>${text}</p>
            <p class="quiet">${hint}</p>
          </div>
          ${iconButton("x", words.notice.dismiss, () => this.intend("notice_dismissed", { text }), { size: "small" })}
        </div>`,
    );
}

customElements.define("vm-notices", Notices);
