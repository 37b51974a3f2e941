/** The brand's projects, each with its threads. */

import { formatDay } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { html, icon, iconButton, nothing, repeat } from "../lib/html.js";
import { threadHash } from "../lib/router.js";
import { words } from "../lib/words.js";

class Projects extends Part {
  view({ brandId, projects, threads, threadId }) {
    const own = projects[brandId];
    if (!own) return nothing;
    return html`<div class="projects">
      ${own.length ? nothing : html`<p class="quiet">${words.project.none}</p>`}
      ${repeat(
        own,
        (project) => project.project_id,
        (project) => this.#project(project, threads[project.project_id] ?? [], threadId),
      )}
      <button class="button quiet-button" type="button" @click=${() => this.#open("project", { brand_id: brandId })}>
        ${icon("plus")}${words.project.make}
      </button>
    </div>`;
  }

  #project(project, threads, threadId) {
    const { project_id: projectId, brand_id: brandId, name } = project;
    const place = { brand_id: brandId, project_id: projectId };
    return html`<section class="project" aria-label=${name}>
      <div class="project-head">
        <h2 title=${project.objective ?? ""}>${name}</h2>
        ${iconButton("pencil", words.project.edit(name), () => this.#open("project", project), { size: "small" })}
        ${iconButton("plus", words.thread.makeIn(name), () => this.#open("thread", place), { size: "small" })}
      </div>
      ${project.due_on ? html`<p class="quiet">${words.project.due(formatDay(project.due_on))}</p>` : nothing}
      ${threads.length ? nothing : html`<p class="quiet">${words.thread.none}</p>`}
      <ul>
        ${repeat(
          threads,
          (thread) => thread.thread_id,
          (thread) => html`<li>${link(thread, threadId)}</li>`,
        )}
      </ul>
    </section>`;
  }

  #open(noun, item) {
    this.intend("form_opened", { noun, item });
  }
}

customElements.define("vm-projects", Projects);

function link({ thread_id: threadId, title, status }, openId) {
  return html`<a
    href=${threadHash(threadId)}
    aria-current=${threadId === openId ? "page" : nothing}
    data-thread-id=${threadId}
  >
    <span>${title}</span>
    ${status === "closed" ? html`${icon("lock")}<span class="visually-hidden">${words.statuses.closed}</span>` : nothing}
  </a>`;
}
