/** The brand's projects, each with its threads. */

import { formatDay } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { html, icon, nothing, repeat } from "../lib/html.js";
import { threadHash } from "../lib/router.js";
import { words } from "../lib/words.js";

customElements.define("vm-projects", class extends Part {
  view({ brandId, projects, threads, threadId }) {
    const own = projects[brandId];
    if (!own) return nothing;
    return html`<div class="projects">
      ${own.length ? nothing : html`<p class="quiet">${words.project.none}</p>`}
      ${repeat(own, (project) => project.project_id, (project) => this.#project(project, threads[project.project_id] ?? [], threadId))}
      <button class="button quiet-button" type="button" @click=${() => this.intend("form_opened", { noun: "project", item: { brand_id: brandId } })}>
        ${icon("plus")}${words.project.make}</button>
    </div>`;
  }

  #project(project, threads, threadId) {
    const { project_id: projectId, brand_id: brandId, name } = project;
    return html`<section class="project" aria-label=${name}>
      <div class="project-head">
        <h2 title=${project.objective ?? ""}>${name}</h2>
        <button class="button ghost small" type="button" title=${words.project.edit(name)} @click=${() => this.intend("form_opened", { noun: "project", item: project })}>
          ${icon("pencil")}<span class="visually-hidden">${words.project.edit(name)}</span></button>
        <button class="button ghost small" type="button" title=${words.thread.makeIn(name)}
          @click=${() => this.intend("form_opened", { noun: "thread", item: { brand_id: brandId, project_id: projectId } })}>
          ${icon("plus")}<span class="visually-hidden">${words.thread.makeIn(name)}</span></button>
      </div>
      ${project.due_on ? html`<p class="quiet">${words.project.due(formatDay(project.due_on))}</p>` : nothing}
      ${threads.length ? html`<ul>${repeat(threads, (thread) => thread.thread_id, (thread) => html`<li>
        <a href=${threadHash(thread.thread_id)} aria-current=${thread.thread_id === threadId ? "page" : nothing} data-thread-id=${thread.thread_id}>
          <span>${thread.title}</span>${thread.status === "closed" ? html`${icon("lock")}<span class="visually-hidden">${words.statuses.closed}</span>` : nothing}</a></li>`)}</ul>`
        : html`<p class="quiet">${words.thread.none}</p>`}
    </section>`;
  }
});
