/** Nothing is open: what can be opened or made, or why the address leads nowhere. */

import { Part } from "../lib/element.js";
import { html, icon, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

customElements.define("vm-pick", class extends Part {
  view({ threadProblem, brandId, projects }) {
    return html`<div class="empty card">${threadProblem ? this.#missing(threadProblem) : this.#choice(brandId, projects[brandId] ?? [])}</div>`;
  }

  #missing(problem) {
    return html`<h1>${problem.code === "not_found" ? words.thread.missing : problem.text}</h1>
      <p class="quiet">${problem.code === "not_found" ? words.thread.missingHint : problem.hint}</p>
      <a class="button" href="#/">${icon("arrow")}${words.thread.home}</a>`;
  }

  #choice(brandId, projects) {
    const [project] = projects;
    return html`<h1>${project ? words.thread.pick : words.thread.pickFirst}</h1>
      <p class="quiet">${project ? words.thread.pickHint : words.thread.pickProject}</p>
      <p class="row">
        ${project ? html`<button class="button primary" type="button" @click=${() => this.intend("form_opened", { noun: "thread", item: { brand_id: brandId, project_id: project.project_id } })}>
          ${icon("plus")}${words.thread.makeIn(project.name)}</button>` : nothing}
        ${brandId ? html`<button class="button" type="button" @click=${() => this.intend("form_opened", { noun: "project", item: { brand_id: brandId } })}>${icon("plus")}${words.project.make}</button>` : nothing}
      </p>`;
  }
});
