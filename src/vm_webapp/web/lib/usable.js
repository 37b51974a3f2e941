/** When the page can be used, as the browser's own mark `vm-interactive`; bench/page.py reads it. */

let marked = false;

/**
 * Marks, once, the first moment at which the text of a deliverable stands on the screen and the page answers: behind the
 * frame that shows it, in a task of its own. What can wait for that begins then.
 */
export function markUsable({ reader, thread }, then) {
  if (marked || !thread || reader?.status !== "ready") return;
  marked = true;
  requestAnimationFrame(() =>
    setTimeout(() => {
      performance.mark("vm-interactive");
      then();
    }),
  );
}
