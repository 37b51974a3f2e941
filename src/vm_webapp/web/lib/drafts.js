/** What is typed and not sent yet outlives a reload, a change of language and a crashed tab; by name, in this browser only. */

import { Directive, directive } from "../vendor/lit-html/directive.js";

const PREFIX = "vm-draft:";
/** Storage may be switched off or full: then a text lasts as long as the page. */
const here = new Map();

/** What was kept under the name; empty where nothing was. */
export function draftOf(name) {
  try {
    return here.get(name) ?? sessionStorage.getItem(PREFIX + name) ?? "";
  } catch {
    return "";
  }
}

/** Keeps the text; an empty one is forgotten. */
export function keepDraft(name, text) {
  here.set(name, text);
  try {
    if (text) sessionStorage.setItem(PREFIX + name, text);
    else sessionStorage.removeItem(PREFIX + name);
  } catch {
    // It is kept here.
  }
}

/** Forgets all that was kept in this tab, texts of files that were being edited as well. */
export function forgetDrafts() {
  here.clear();
  try {
    sessionStorage.clear();
  } catch {
    // Nothing was kept there.
  }
}

/** What was typed into the form of that name, by field. */
export const formDraft = (name) => JSON.parse(draftOf(name) || "{}");

/**
 * `<form ${kept(name)}>` keeps what is typed into its fields, and is filled with what was kept. A form that is reset, as
 * one is that was sent, is forgotten. It keeps its name: a form for something else is another one (`keyed`).
 */
export const kept = directive(
  class extends Directive {
    update({ element: form }, [name]) {
      if (this.name) return;
      this.name = name;
      form.addEventListener("input", () => keepDraft(name, typed(form)));
      form.addEventListener("reset", () => keepDraft(name, ""));
      queueMicrotask(() => fill(form, Object.entries(formDraft(name)))); // its fields are there by then
    }
  },
);

/** What differs from the form as it came, with what is chosen in it; empty where nothing does. */
function typed(form) {
  const fields = [...form.elements].filter(({ name }) => name);
  const changed = (field) => (field.type === "checkbox" ? field.checked : field.value !== standing(field));
  if (!fields.some(changed)) return "";
  return JSON.stringify(Object.fromEntries(fields.filter((field) => field.options || changed(field)).map(({ name, value }) => [name, value])));
}

/** What stands in a field that nobody has touched; a choice has no value of its own for that. */
function standing({ options, defaultValue }) {
  if (!options) return defaultValue;
  return ([...options].find(({ defaultSelected }) => defaultSelected) ?? options[0])?.value ?? "";
}

function fill(form, fields) {
  for (const [name, value] of fields) {
    const field = form.elements[name];
    if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
    if (field?.selectedIndex < 0) field.selectedIndex = 0; // what was chosen is not offered now
  }
  const folded = fields.length && form.closest("details");
  if (folded) folded.open = true;
}
