/** Whether what is shown is live; where it is not, it says so and offers to look again. */

import { Part } from "../lib/element.js";
import { html, icon, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

class Live extends Part {
  view = ({ live, threadId, threadProblem, route }) =>
    (threadId && !threadProblem) || route.name === "inbox"
      ? html`<span class="live" data-live=${live} title=${words.live.about[live]}
          >${live === "down" ? icon("offline") : html`<span class="live-dot"></span>`}<span>${words.live[live]}${live === "down" ? html`<span class="live-more">${words.live.again}</span>` : nothing}</span>
          ${live === "down" ? this.#again() : nothing}</span
        >`
      : nothing;

  /** Where there is no room for its words it is an outline; they are read out all the same. */
  #again() {
    const act = () => this.intend("live_retried");
    return html`<button class="button small" type="button" title=${words.live.retry} data-action="look-again" @click=${act}>
      ${icon("retry")}<span class="live-more">${words.live.retry}</span>
    </button>`;
  }
}

customElements.define("vm-live", Live);
