/** What stands in the centre: the file that the address names, else what is being written, else the newest deliverable. */

import { nameOf } from "./file.js";
import { isSettled, shownRunId } from "./reduce.js";

export { nameOf };

/** The version on show, with its stages, or undefined while it is read. */
export function shownRun(state) {
  return state.runDetails[shownRunId(state)];
}

/** The file on show: named by the address, or by itself the first of the last stage that has published any; else null. */
export function shownFile(state) {
  if (state.route.file) return state.route.file;
  const run = shownRun(state);
  const stage = run?.stages.findLast(({ artifacts }) => artifacts.length);
  return stage ? { run_id: run.run_id, stage_key: stage.stage_key, name: nameOf(stage.artifacts[0]) } : null;
}

/** Whether an address names a file that its version does not have, or no longer: nothing can be done with that. */
export function isGone({ runDetails }, file) {
  const run = runDetails[file.run_id];
  const stage = run?.stages.find(({ stage_key: key }) => key === file.stage_key);
  return Boolean(run) && !stage?.artifacts.some((one) => nameOf(one) === file.name);
}

/**
 * The text that is being written and takes the centre: `{stage, text}` or null. It stays until the published file that
 * replaces it has been read, so that nothing jumps; whoever opened a file by hand keeps it.
 */
export function shownDraft(state) {
  const run = shownRun(state);
  if (!run || state.route.file) return null;
  const stage = isSettled(run) ? null : run.stages.find((one) => one.status === "running" && draftOf(state, run, one));
  if (stage) return { stage, text: draftOf(state, run, stage).text };
  const last = run.stages.findLast(({ artifacts }) => artifacts.length);
  const text = last && draftOf(state, run, last)?.text;
  const { reader } = state;
  const read = reader?.file.stage_key === last?.stage_key && reader?.file.run_id === run.run_id && reader.status !== "loading";
  return text && !read ? { stage: last, text } : null;
}

function draftOf({ drafts }, run, stage) {
  const draft = drafts[`${run.run_id}/${stage.stage_key}`];
  return draft?.text ? draft : null;
}
