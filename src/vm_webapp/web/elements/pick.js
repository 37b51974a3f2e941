/** Nothing is open: what can be opened or made, or why the address leads nowhere. */

import { Part } from "../lib/element.js";
import { button, html, icon, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

class Pick extends Part {
  view({ threadProblem, brandId, projectId, projects }) {
    const own = projects[brandId] ?? [];
    const project = own.find((one) => one.project_id === projectId) ?? own[0];
    return html`<div class="empty">
      ${threadProblem ? this.#missing(threadProblem) : this.#choice(brandId, project)}
    </div>`;
  }

  #missing(problem) {
    return html`<h1>${problem.code === "not_found" ? words.thread.missing : problem.text}</h1>
      <p class="quiet">${problem.code === "not_found" ? words.thread.missingHint : problem.hint}</p>
      <a class="button" href="#/">${icon("arrow")}${words.thread.home}</a>`;
  }

  #choice(brandId, project) {
    return html`<h1>${project ? words.thread.pick : words.thread.pickFirst}</h1>
      <p class="quiet">${project ? words.thread.pickHint : words.thread.pickProject}</p>
      <p class="row">
        ${project ? this.#newThread(project) : nothing} ${brandId ? this.#newProject(brandId) : nothing}
      </p>`;
  }

  #newThread({ brand_id: brandId, project_id: projectId, name }) {
    const item = { brand_id: brandId, project_id: projectId };
    const act = () => this.intend("form_opened", { noun: "thread", item });
    return button(words.thread.makeIn(name), act, { name: "plus", kind: "primary" });
  }

  #newProject(brandId) {
    const act = () => this.intend("form_opened", { noun: "project", item: { brand_id: brandId } });
    return button(words.project.make, act, { name: "plus" });
  }
}

customElements.define("vm-pick", Pick);
