/** The name of the open thread, and whether it is closed. */

import { Part } from "../lib/element.js";
import { html, icon, nothing, problemBox } from "../lib/html.js";
import { words } from "../lib/words.js";

class Thread extends Part {
  view({ thread, brands, projects, problems }) {
    if (!thread) return nothing;
    const brand = brands?.find((one) => one.brand_id === thread.brand_id);
    const project = projects[thread.brand_id]?.find((one) => one.project_id === thread.project_id);
    return html`<header class="thread" data-thread-id=${thread.thread_id}>
      <p class="trail quiet">${[brand?.name, project?.name].filter(Boolean).join(" / ")}</p>
      <h1 id="thread-title">${thread.title}</h1>
      <p class="quiet" data-detail>${words.details.thread} <code>${thread.thread_id}</code></p>
      ${thread.status === "closed" ? html`<p class="callout">${icon("lock")}<span>${words.thread.closed}</span></p>` : nothing}
      ${problemBox(problems.thread)}
    </header>`;
  }
}

customElements.define("vm-thread", Thread);
