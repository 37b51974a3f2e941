/** The head of the open thread: what it is, where it lies, and what can be done with the whole of it. */

import { Part } from "../lib/element.js";
import { html, icon, iconButton, nothing, problemBox, repeat } from "../lib/html.js";
import { words } from "../lib/words.js";

class Thread extends Part {
  view(state) {
    const { thread, brands, projects, busy, problems } = state;
    if (!thread) return nothing;
    const brand = brands?.find((one) => one.brand_id === thread.brand_id);
    const project = projects[thread.brand_id]?.find((one) => one.project_id === thread.project_id);
    const closed = thread.status === "closed";
    return html`<header class="thread" data-thread-id=${thread.thread_id}>
      <p class="trail quiet">${[brand?.name, project?.name].filter(Boolean).join(" / ")}</p>
      <div class="thread-row">
        <h1>${thread.title}</h1>
        <div class="row">
          <button
            class="button small"
            type="button"
            @click=${() => this.intend("form_opened", { noun: "thread", item: thread })}
          >
            ${icon("pencil")}${words.thread.rename}
          </button>
          <button
            class="button small"
            type="button"
            ?disabled=${busy.thread}
            @click=${() => this.intend(closed ? "thread_reopened" : "thread_closed")}
          >
            ${icon(closed ? "retry" : "lock")}${closed ? words.thread.reopen : words.thread.close}
          </button>
        </div>
      </div>
      ${this.#modes(state)} ${closed ? html`<p class="callout">${icon("lock")}${words.thread.closed}</p>` : nothing}
      ${problemBox(problems.thread)}
    </header>`;
  }

  #modes({ thread, profiles, busy }) {
    const titleOf = (mode) => profiles.find((profile) => profile.mode === mode)?.title ?? mode;
    const others = profiles.filter(({ mode }) => !thread.modes.includes(mode));
    return html`<div class="modes">
      <span class="quiet" id="modes-title">${words.thread.modes}</span>
      <ul aria-labelledby="modes-title">
        ${thread.modes.length ? nothing : html`<li class="quiet">${words.thread.noModes}</li>`}
        ${repeat(
          thread.modes,
          (mode) => mode,
          (mode) =>
            html`<li class="chip">
              <span>${titleOf(mode)}</span>
              ${this.#remove(mode, titleOf(mode), busy.thread)}
            </li>`,
        )}
      </ul>
      ${
        others.length
          ? html`<select class="small" aria-label=${words.thread.addMode} ?disabled=${busy.thread} @change=${this.#add}>
              <option value="">${words.thread.addMode}</option>
              ${others.map(({ mode, title }) => html`<option value=${mode}>${title}</option>`)}
            </select>`
          : nothing
      }
    </div>`;
  }

  #remove(mode, title, disabled) {
    const act = () => this.intend("mode_removed", { mode });
    return iconButton("x", words.thread.removeMode(title), act, { size: "tiny", disabled });
  }

  #add = ({ target }) => {
    if (target.value) this.intend("mode_added", { mode: target.value });
    target.value = "";
  };
}

customElements.define("vm-thread", Thread);
