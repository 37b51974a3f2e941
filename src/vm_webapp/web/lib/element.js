/** What the page's elements share: they are told the state, they show it, and they say what a person wants. */

import { html, nothing, render, still } from "./html.js";
import { words } from "./words.js";

export class Part extends HTMLElement {
  /** Called with every new state; most elements only have a `view`. */
  update(state) {
    render(this.view(state), this);
  }

  /** The button for a list's next page, where there is one. */
  more(list, label, { [list]: items, busy }) {
    if (!items?.next) return nothing;
    const act = () => this.intend("more", { list });
    return html`<button class="button small" type="button" data-action="older" aria-disabled=${still(busy[list])} @click=${act}>${label}</button>`;
  }

  /** Tells app.js what the person wants; nothing else leaves an element. */
  intend(type, detail = {}) {
    this.dispatchEvent(new CustomEvent("intent", { bubbles: true, detail: { type, ...detail } }));
  }
}

/** Whether every field that has to says something; the first that does not, or has spaces alone, says so. */
export function filled(form) {
  const fields = [...form.elements].filter(({ required }) => required);
  for (const field of fields) field.setCustomValidity(field.value.trim() ? "" : words.form.missing(field.labels[0].textContent.trim()));
  form.addEventListener("input", () => fields.forEach((field) => field.setCustomValidity("")), { once: true });
  return form.reportValidity();
}

/** A form's fields as an object of trimmed texts. */
export function formValues(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}
