/**
 * The typeface that deliverables are set in. It weighs a third of all that the page may before the first of them, so the
 * very first visit reads in the system's own serif: the typeface is fetched behind it, and put on when the page turns to
 * something else, when nothing moves by it. From then on early.js puts it on before the first paint.
 */

const KEY = "vm-letters";

/** Fetches the typeface where it is not on yet. */
export async function fetchLetters() {
  const root = document.documentElement;
  if (root.dataset.letters) return;
  const [here] = await document.fonts.load('1rem "Source Serif 4"');
  if (!here) return;
  addEventListener("hashchange", () => (root.dataset.letters = "own"), { once: true });
  try {
    localStorage.setItem(KEY, "own");
  } catch {
    // Storage may be switched off: then each visit begins with the system's serif.
  }
}
