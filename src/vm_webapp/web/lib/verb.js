/** One verb of the palette, and the ways in which a verb is done: by an intent, an address, a dialog, a field, or a button of the page. */

/** `{id, group, title, hint?, keys?, act}`; `act(intend)` does it. The id is the `data-action` of the button that does the same. */
export function verb(id, group, title, act, facts = {}) {
  return { id, group, title, act, ...facts };
}

export function go(id, group, title, hash, facts) {
  return verb(id, group, title, (intend) => intend("went", { hash }), facts);
}

export function open(id, group, title, dialog, facts) {
  return verb(id, group, title, (intend) => intend("dialog_opened", { dialog }), facts);
}

/** Puts the keyboard into a field of the page. */
export function focus(id, group, title, selector, facts) {
  const act = () => {
    const field = document.querySelector(selector);
    unfold(field);
    field?.focus();
  };
  return verb(id, group, title, act, facts);
}

/** Presses the page's own button, which says by itself that it is done; one in a menu is shown first where it has to say so. */
export function press(id, group, title, { shown = false } = {}) {
  const act = () => {
    const button = document.querySelector(`[data-action="${id}"]`);
    if (shown) unfold(button);
    button?.click();
  };
  return verb(id, group, title, act);
}

function unfold(element) {
  const folded = element?.closest("details:not([open])");
  if (folded) folded.open = true;
}
