/** Whether what is shown is live; where it is not, it says so and offers to look again. */

import { Part } from "../lib/element.js";
import { html, icon, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

customElements.define("vm-live", class extends Part {
  view = ({ live, threadId }) => (threadId
    ? html`<span class="live" data-live=${live}>${live === "down" ? icon("offline") : html`<span class="live-dot"></span>`}<span>${words.live[live]}</span>
      ${live === "down" ? html`<button class="button small" type="button" @click=${() => this.intend("live_retried")}>${words.live.retry}</button>` : nothing}</span>`
    : nothing);
});
