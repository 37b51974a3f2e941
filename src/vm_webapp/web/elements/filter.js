/** Which of the thread's versions are listed: by state, kind of work and person. */

import { filterRuns } from "../lib/finding.js";
import { Part } from "../lib/element.js";
import { button, html, icon, live, nothing } from "../lib/html.js";
import { spare } from "../lib/lazily.js";
import { personText } from "../lib/timeline.js";
import { titleOf, words } from "../lib/words.js";

const said = words.filter;
const FEW = 2;
const STATES = ["queued", "running", "waiting_approval", "completed", "failed", "canceled"];

class Filter extends Part {
  #made = false;
  #shown = null;

  view(state) {
    if (!this.#shown) spare(() => this.#make());
    this.#shown = state;
    const { runs, filters } = state;
    const all = runs?.items ?? [];
    if (all.length < FEW) return nothing;
    const on = Object.values(filters).filter(Boolean).length;
    return html`<details class="filter" data-on=${String(on > 0)} @toggle=${({ target }) => target.open && this.#ask()}>
      <summary @click=${() => this.#make()}>${icon("filter")}<span>${on ? said.on(on) : said.open}</span>${on ? html`<span class="quiet">${said.shown(filterRuns(all, filters).length, all.length)}</span>` : nothing}</summary>
      <div class="filter-fields" role="group" aria-label=${said.title}>${this.#made ? this.#fields(all, state) : nothing}</div>
    </details>`;
  }

  /** What is folded away is made when there is time, or when it is asked for before. */
  #make() {
    if (this.#made) return;
    this.#made = true;
    this.update(this.#shown);
  }

  /** Only where not all versions of the thread are here, and until it is known. */
  #ask() {
    const { runs, requesters } = this.#shown;
    if (runs?.next && !requesters) this.intend("people_wanted");
  }

  /** While older versions are not on the page, what they may be is offered as well. */
  #fields(all, state) {
    const { filters, profiles, runs, requesters } = state;
    const runOf = (id, here) => all.find((run) => run.requested_by === id && (!here || !run.imported));
    const nameOf = (id) => personText(id, state, runOf(id, true) ?? runOf(id));
    const [states, modes] = runs.next ? [STATES, profiles.map(({ mode }) => mode)] : [[], []];
    const titleFor = (mode) => titleOf(profiles.find((profile) => profile.mode === mode)?.title ?? mode);
    return html`${this.#choice("status", filters, all, (run) => run.status, (status) => words.statuses[status] ?? status, states)}
      ${this.#choice("mode", filters, all, (run) => run.mode, titleFor, modes)}
      ${this.#choice("person", filters, all, (run) => run.requested_by, nameOf, requesters ?? [])}
      ${Object.values(filters).some(Boolean) ? button(said.clear, () => this.#say({ status: "", mode: "", person: "" }), { kind: "small", action: "clear-filters" }) : nothing}`;
  }

  #choice(name, filters, runs, valueOf, label, known = []) {
    const values = [...new Set([...known, ...runs.map(valueOf), filters[name]])].filter(Boolean);
    return html`<label for="filter-${name}">${said[name]}</label>
      <select id="filter-${name}" class="small" .value=${live(filters[name])} @change=${({ target }) => this.#say({ [name]: target.value })}>
        <option value="">${said.any}</option>
        ${values.map((value) => html`<option value=${value} ?selected=${value === filters[name]}>${label(value)}</option>`)}
      </select>`;
  }

  #say(filters) {
    this.intend("filtered", { filters });
  }
}

customElements.define("vm-filter", Filter);
