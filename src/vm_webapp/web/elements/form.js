/** The dialog in which brands, projects and threads are made and changed. */

import { whoActs } from "../lib/deciding_state.js";
import { draftOf, kept } from "../lib/drafts.js";
import { filled, formValues, Part } from "../lib/element.js";
import { html, nothing, problemBox, render, still } from "../lib/html.js";
import { giveBack } from "../lib/keyboard.js";
import { words } from "../lib/words.js";

const FIELDS = {
  brand: [
    ["name", "text", true],
    ["description", "area"],
    ["voice", "area"],
    ["audience", "area"],
    ["do", "lines"],
    ["dont", "lines"],
    ["budget_usd", "money"],
  ],
  project: [
    ["name", "text", true],
    ["objective", "area"],
    ["channels", "text"],
    ["due_on", "date"],
    ["kpis", "lines"],
    ["budget_usd", "money"],
  ],
  thread: [["title", "text", true]],
};

class FormDialog extends Part {
  /** Who had the keyboard when this element was asked for and was not there yet; a menu that closes lets go of it. */
  opener = null;
  #form = null;
  #opener = null;
  /** Whether what was typed earlier stands in place of what is saved, which others may have changed since. */
  #resumed = false;

  update(state) {
    const opened = state.form && state.form !== this.#form;
    if (opened) [this.#opener, this.opener] = [this.opener ?? document.activeElement, null];
    if (state.form !== this.#form) render(nothing, this);
    this.#form = state.form;
    if (opened) this.#resumed = Boolean(draftOf(draftFor(state.form)));
    render(this.view(state), this);
    if (opened) this.querySelector("dialog").showModal();
    else if (!state.form && this.#opener) this.#return();
  }

  view(state) {
    const { form, busy, problems } = state;
    if (!form) return nothing;
    const { noun, item } = form;
    const said = words[noun];
    const known = item?.[`${noun}_id`];
    const fields = fieldsOf(noun, known, state);
    return html`<dialog class="card form" aria-labelledby="form-heading" @close=${() => this.intend("form_closed")}>
      <form class="stack" method="dialog" ${kept(draftFor(form))} @submit=${(event) => this.#send(event)}>
        <h2 id="form-heading">${heading(noun, known, item)}</h2>
        ${known && this.#resumed ? html`<p class="quiet" role="status">${words.form.resumed}</p>` : nothing}
        ${fields.map((field) => this.#field(said, field, item ?? {}, problems.form))} ${problemBox(elsewhere(problems.form, fields))}
        <div class="row end">
          <button class="button" type="button" @click=${() => this.#cancel()}>
            ${words.form.cancel}
          </button>
          <button class="button primary" type="submit" aria-disabled=${still(busy.form)}>
            ${known ? words.form.save : words.form.make}
          </button>
        </div>
      </form>
    </dialog>`;
  }

  #field(said, [name, kind, required], item, problem) {
    const value = Array.isArray(item[name]) ? item[name].join(kind === "lines" ? "\n" : ", ") : (item[name] ?? "");
    const hint = said.hints?.[name];
    const id = `form-${name}`;
    const wrong = problem?.fields[name]?.why;
    const note = hint || wrong ? `${id}-note` : nothing;
    return html`<div class="field">
      <label for=${id}
        >${said.fields[name]}${required ? nothing : html` <span class="quiet">${words.form.optional}</span>`}</label
      >
      ${
        kind === "area" || kind === "lines"
          ? html`<textarea
              dir="auto"
              id=${id}
              name=${name}
              rows="2"
              maxlength="4000"
              aria-describedby=${note}
              .defaultValue=${value}
            ></textarea>`
          : html`<input
              dir="auto"
              id=${id}
              name=${name}
              type=${kind === "money" ? "text" : kind}
              inputmode=${kind === "money" ? "decimal" : nothing}
              ?required=${required}
              maxlength="200"
              value=${value}
              aria-invalid=${wrong ? "true" : nothing}
              aria-describedby=${note}
            />`
      }
      ${note === nothing ? nothing : html`<p class="quiet" id=${note}>${wrong ?? hint}</p>`}
    </div>`;
  }

  #send(event) {
    event.preventDefault();
    const form = event.currentTarget;
    if (!filled(form)) return;
    const { noun, item } = this.#form;
    this.intend("form_sent", { noun, item, values: formValues(form), done: () => form.reset() });
  }

  /** Whoever cancels wants what is there already; with Escape or a reload, what was typed is kept. */
  #cancel() {
    this.querySelector("form").reset();
    this.querySelector("dialog").close();
  }

  /** The keyboard goes back to where it came from. */
  #return() {
    giveBack(this.#opener);
    this.#opener = null;
  }
}

customElements.define("vm-form", FormDialog);

/** Under which name is kept what is typed into the form. */
function draftFor({ noun, item }) {
  return `form:${noun}:${item?.[`${noun}_id`] ?? item?.project_id ?? item?.brand_id ?? ""}`;
}

/** A budget is set on what is there already, by those who may. */
function fieldsOf(noun, known, state) {
  return FIELDS[noun].filter(([, kind]) => kind !== "money" || (known && whoActs(state).role === "admin"));
}

/** What is not said at a field already. */
function elsewhere(problem, shown) {
  const names = shown.map(([name]) => name);
  return problem && { ...problem, fields: Object.fromEntries(Object.entries(problem.fields).filter(([name]) => !names.includes(name))) };
}

function heading(noun, known, item) {
  if (!known) return words[noun].make;
  if (noun === "brand") return words.brand.edit;
  return noun === "project" ? words.project.edit(item.name) : words.thread.rename;
}
