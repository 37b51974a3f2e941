/** What a task is called: in its own words; one that the system made of a failed version, in the reader's language. */

import { words } from "./words.js";

const OF_A_FAILURE = /^A run failed: /;

/** `number` is that of the version it is about, where that is known. */
export function taskTitle({ title, run_id: runId, number }) {
  return runId && OF_A_FAILURE.test(title) ? words.task.failed(number) : title;
}
