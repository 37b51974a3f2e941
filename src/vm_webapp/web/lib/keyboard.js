/** Where the keyboard is: what had it and was switched off, or is gone, gets it back, or hands it to what took its place. */

const TO_PRESS = "a, button, input, label, select, summary, textarea, [tabindex]";
let held = null;

/** Follows who has it; whoever presses beside everything lets go of it. */
export function watchKeyboard(root) {
  root.addEventListener("focusin", ({ target }) => (held = target));
  for (const type of ["click", "submit"]) root.addEventListener(type, rest, { capture: true });
  root.addEventListener("pointerdown", ({ target }) => target.closest(TO_PRESS) || (held = null));
}

/** What cannot be pressed just now, or a form with such a button, does nothing. */
function rest(event) {
  const { target, type } = event;
  const button = type === "submit" ? target.querySelector("[type=submit]") : target.closest("[aria-disabled]");
  if (button?.ariaDisabled !== "true") return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** To be called when what stands on the page has changed: nobody who works by keys begins again at its top. */
export function settleKeyboard() {
  const { activeElement, body } = document;
  if (!held || (activeElement !== body && activeElement.checkVisibility()) || (held.disabled && held.isConnected)) return;
  giveBack(held);
  if (document.activeElement === body || !document.activeElement.checkVisibility())
    (document.querySelector(".inbox-row[aria-current]") ?? document.querySelector("main")).focus({ preventScroll: true });
}

/** It goes nowhere, as whoever presses Escape wants it. */
export function letGo() {
  held = null;
  document.activeElement.blur();
}

/** Gives the keyboard back to what opened a dialog; where that was in a menu, which has closed meanwhile, to the menu's button. */
export function giveBack(opener) {
  if (!opener?.isConnected) return;
  (opener.closest("details.menu:not([open])")?.querySelector("summary") ?? opener).focus();
}
