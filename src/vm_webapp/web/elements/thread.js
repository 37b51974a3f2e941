/** The name of the open thread, and whether it is closed. */

import { Part } from "../lib/element.js";
import { button, html, icon, nothing, problemBox } from "../lib/html.js";
import { may } from "../lib/rights.js";
import { own, words } from "../lib/words.js";

class Thread extends Part {
  view(state) {
    const { thread, brands, projects, problems } = state;
    if (!thread) return nothing;
    const brand = brands?.find((one) => one.brand_id === thread.brand_id);
    const project = projects[thread.brand_id]?.find((one) => one.project_id === thread.project_id);
    return html`<header class="thread" data-thread-id=${thread.thread_id}>
      <p class="trail quiet">${[brand, project].filter(Boolean).map(({ name }) => own(name)).join(" / ")}</p>
      <h1 id="thread-title" dir="auto">${thread.title}</h1>
      <p class="quiet" data-detail>${words.details.thread} <code>${thread.thread_id}</code></p>
      ${thread.status === "closed" ? this.#closed(state) : nothing}
      ${problemBox(problems.thread)}
    </header>`;
  }

  #closed(state) {
    const open = () => this.intend("thread_reopened");
    return html`<div class="callout">
      ${icon("lock")}<span>${words.thread.closed}</span>
      ${may(state, "edit") ? button(words.thread.reopen, open, { kind: "small", action: "reopen-thread", busy: state.busy.thread }) : nothing}
    </div>`;
  }
}

customElements.define("vm-thread", Thread);
