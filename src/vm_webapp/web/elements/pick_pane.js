/** Nothing is open: what can be opened or made, or why the address leads nowhere. */

import { Part } from "../lib/element.js";
import { button, html, icon, nothing } from "../lib/html.js";
import { may } from "../lib/rights.js";
import { words } from "../lib/words.js";
import { blank } from "./blank.js";

class PickPane extends Part {
  view(state) {
    const { threadProblem, route, brandId, projectId, projects, threads } = state;
    if (threadProblem || route.name === "lost") return missing(threadProblem);
    const own = projects[brandId] ?? [];
    const project = own.find((one) => one.project_id === projectId) ?? own[0];
    const some = threads[project?.project_id]?.length > 0;
    const acts = [project ? this.#newThread(project) : nothing, brandId ? this.#newProject(brandId, { first: !project }) : nothing];
    return blank("sheets", {
      title: project ? (some ? words.thread.pick : words.thread.pickNew) : words.thread.pickFirst,
      hint: project ? (some ? words.thread.pickHint : words.thread.pickNewHint) : words.thread.pickProject,
      acts: [some ? this.#choices() : nothing, may(state, "edit") ? acts : nothing],
      heading: true,
    });
  }

  /** Where there is no room for the choices beside it. */
  #choices() {
    return button(words.navigation.open, () => this.#open(), { name: "menu", kind: "to-choices" });
  }

  #open() {
    this.intend("navigation_toggled", { open: true });
    setTimeout(() => document.querySelector("#navigation select")?.focus());
  }

  #newThread({ brand_id: brandId, project_id: projectId, name }) {
    const item = { brand_id: brandId, project_id: projectId };
    const act = () => this.intend("form_opened", { noun: "thread", item });
    return button(words.thread.makeIn(name), act, { name: "plus", kind: "primary", action: "new-thread" });
  }

  #newProject(brandId, { first }) {
    const act = () => this.intend("form_opened", { noun: "project", item: { brand_id: brandId } });
    return button(words.project.make, act, { name: "plus", kind: first ? "primary" : "", action: "new-project" });
  }
}

customElements.define("vm-pick-pane", PickPane);

/** The address leads to nothing that is here; without a problem, it is none that there can be. */
function missing(problem) {
  const said = words.thread;
  const { title, hint } = !problem
    ? { title: said.lost, hint: said.lostHint }
    : problem.code === "not_found"
      ? { title: said.missing, hint: said.missingHint }
      : { title: problem.text, hint: problem.hint };
  return blank("lost", {
    title,
    hint,
    acts: html`<a class="button" href="#/">${icon("arrow")}${words.thread.home}</a>`,
    heading: true,
  });
}
