/** Whether what is shown is live; where it is not, it says so and offers to look again. */

import { Part } from "../lib/element.js";
import { button, html, icon, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

class Live extends Part {
  view = ({ live, threadId, threadProblem, route }) =>
    (threadId && !threadProblem) || route.name === "inbox"
      ? html`<span class="live" data-live=${live} title=${words.live.about[live]}
          >${live === "down" ? icon("offline") : html`<span class="live-dot"></span>`}<span>${words.live[live]}</span>
          ${live === "down" ? button(words.live.retry, () => this.intend("live_retried"), { kind: "small", action: "look-again" }) : nothing}</span
        >`
      : nothing;
}

customElements.define("vm-live", Live);
