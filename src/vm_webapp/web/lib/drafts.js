/** What is typed and not sent yet outlives a reload, a change of language and a crashed tab; by name, in this browser only. */

const PREFIX = "vm-draft:";

/** What was kept under the name; empty where nothing was. */
export function draftOf(name) {
  try {
    return sessionStorage.getItem(PREFIX + name) ?? "";
  } catch {
    return "";
  }
}

/** Keeps the text; an empty one is forgotten. */
export function keepDraft(name, text) {
  try {
    if (text) sessionStorage.setItem(PREFIX + name, text);
    else sessionStorage.removeItem(PREFIX + name);
  } catch {
    // Storage may be switched off or full: the text lasts as long as the page.
  }
}
