/** Where one is: brand, project and thread as three compact choices, each with its small menu of what can be done with it. */

import { Part } from "../lib/element.js";
import { html, icon, live, menu, nothing, repeat } from "../lib/html.js";
import { spare } from "../lib/lazily.js";
import { may } from "../lib/rights.js";
import { twinsOf } from "../lib/twins.js";
import { words } from "../lib/words.js";

/** How many are offered at once; what a long list offers beside the chosen one can wait for the page to be there. */
const FEW = 12;

class Place extends Part {
  #whole = false;
  #shown = null;

  view(state) {
    if (!this.#shown) spare(() => this.#offer());
    this.#shown = state;
    const { brands, brandId, projectId, projects, threads, threadId, thread } = state;
    if (!brands?.length) return nothing;
    const own = projects[brandId] ?? [];
    const project = own.find((one) => one.project_id === projectId) ?? own[0];
    const all = threads[project?.project_id] ?? [];
    const brand = html`${this.#choice("brand", brands, brandId, (id) => this.intend("brand_chosen", { brandId: id }))} ${this.#brandMenu(state)}`;
    if (!brandId) return html`<div class="place">${brand}</div>`;
    return html`<div class="place">
      ${brand} ${this.#choice("project", own, project?.project_id, (id) => this.intend("project_chosen", { projectId: id }))}
      ${this.#projectMenu(state, project)}
      ${this.#choice("thread", all, threadId, (id) => this.intend("thread_chosen", { threadId: id }))}
      ${this.#threadMenu(state, project, thread)}
    </div>`;
  }

  #offer() {
    this.#whole = true;
    this.update(this.#shown);
  }

  #choice(noun, items, chosen, choose) {
    const said = words[noun];
    const isChosen = (item) => item[`${noun}_id`] === chosen;
    const made = twinsOf(items);
    const offered = this.#whole || items.length <= FEW ? items : items.filter(isChosen);
    return html`<div class="choice">
      <label for="${noun}-choice">${said.choose}</label>
      <select dir="auto" id="${noun}-choice" ?disabled=${!items.length} .value=${live(chosen ?? "")} @change=${({ target }) => choose(target.value)}>
        ${items.some(isChosen) ? nothing : html`<option value=${chosen ?? ""}>${items.length ? words.navigation.choose : (said.none ?? "")}</option>`}
        ${repeat(
          offered,
          (item) => item[`${noun}_id`],
          (item) => option(item[`${noun}_id`], item, { chosen, made: made(item) }),
        )}
      </select>
    </div>`;
  }

  #brandMenu(state) {
    const { brands, brandId } = state;
    const brand = brands.find((one) => one.brand_id === brandId);
    const rules = () => this.intend("dialog_opened", { dialog: { name: "rules", brandId } });
    return this.#menu(
      state,
      words.brand.more,
      [brand && [words.brand.edit, "pencil", "edit-brand", "brand", brand], [words.brand.make, "plus", "new-brand", "brand", null]],
      brand && menuItem(words.rule.open, "check", "rules", rules),
    );
  }

  #projectMenu(state, project) {
    const { brandId } = state;
    return this.#menu(state, words.project.more, [
      project && [words.project.edit(project.name), "pencil", "edit-project", "project", project],
      brandId && [words.project.make, "plus", "new-project", "project", { brand_id: brandId }],
    ]);
  }

  #threadMenu(state, project, thread) {
    const place = project && { brand_id: project.brand_id, project_id: project.project_id };
    const closed = thread?.status === "closed";
    return this.#menu(
      state,
      words.thread.more,
      [thread && [words.thread.rename, "pencil", "rename", "thread", thread], place && [words.thread.makeIn(project.name), "plus", "new-thread", "thread", place]],
      thread &&
        menuItem(closed ? words.thread.reopen : words.thread.close, closed ? "retry" : "lock", closed ? "reopen-thread" : "close-thread", () =>
          this.intend(closed ? "thread_reopened" : "thread_closed"),
        ),
    );
  }

  #menu(state, label, forms, more = nothing) {
    const items = forms
      .filter(Boolean)
      .map(([name, sign, action, noun, item]) => menuItem(name, sign, action, () => this.intend("form_opened", { noun, item })));
    return may(state, "edit") ? menu(label, [...items, more]) : nothing;
  }
}

customElements.define("vm-place", Place);

function option(id, { name, title, status }, { chosen, made }) {
  const closed = status === "closed" ? ` (${words.statuses.closed.toLowerCase()})` : "";
  return html`<option value=${id} ?selected=${id === chosen}>${name ?? title}${made}${closed}</option>`;
}

function menuItem(label, sign, action, act) {
  return html`<li><button type="button" data-action=${action} @click=${act}>${icon(sign)}${label}</button></li>`;
}
