/** What was erased, as the page has it: in the reader's language instead of the server's placeholder, and without files. */

import { words } from "./words.js";

const PLACEHOLDER = "[erased]";

/** A run, or a row of a list of them. */
export function keptRun(run) {
  if (!run?.erased) return run;
  const stages = run.stages?.map((stage) => ({ ...stage, artifacts: [] }));
  return { ...run, request_text: words.run.erasedText, stages_done: 0, ...(stages && { stages }) };
}

/** A thread, a comment or a task, whichever of its texts is gone. */
export function keptTexts(item) {
  const gone = ["title", "text"].filter((name) => item[name] === PLACEHOLDER);
  return gone.length ? { ...item, erased: true, ...Object.fromEntries(gone.map((name) => [name, words.run.erasedText])) } : item;
}
