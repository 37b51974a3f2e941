/** The log as people read it: what belongs to one version is one row with its steps inside, newest first. */

import { nameOf } from "./reading.js";
import { taskTitle } from "./task_title.js";
import { own, plain, titleOf, words } from "./words.js";

const OWNER = "workspace-owner";
/** Whose name stands where the log of that time is lost. */
const RECOVERY = "recovery";
/** What follows by itself, also from what a person did. */
const BY_ITSELF = /^(WorkflowRun(?!Requested|Cancel)|WorkflowRunCanceled|Run|Stage|Artifact|ModelCall|Approval(Requested|Expired))/;
const TOLD = /^(Stage|Approval)/;

/** Rows of `{key, items}`: one for all events of a run, where its newest stands; one for each event without (null). */
export function foldByRun(items) {
  return fold(items, (item) => (/^(Comment|Task)/.test(item.event_type) ? null : runOf(item)));
}

/** The same within a run: one row for all events of a stage. */
export function foldByStage(items) {
  return fold(items, ({ event_type: type, payload }) =>
    /^(Stage|Artifact|Approval)/.test(type) ? payload?.stage_key : null,
  );
}

function fold(items, keyOf) {
  const rows = [];
  const byKey = new Map();
  for (const item of items) {
    const key = keyOf(item) ?? null;
    const known = key && byKey.get(key);
    if (known) known.items.push(item);
    else rows.push({ key, items: [item] });
    if (key && !known) byKey.set(key, rows.at(-1));
  }
  return rows;
}

/** What an event says, without its actor. */
export function eventText(item, state) {
  const say = words.events[item.event_type];
  return say ? say({ ...item, payload: item.payload ?? {} }, namesOf(item, state)) : words.events.other(item.event_type);
}

/** Who did it; empty for what follows by itself. */
export function actorText({ actor_type: type, actor_id: id, event_type: event }, state) {
  if (BY_ITSELF.test(event)) return "";
  if (type !== "human") return words.actors[type] ?? words.actors.system;
  return personText(id, state);
}

/** A person's name; whoever works here without an account is "You", but not to those who have one, nor in a run of another workspace. */
export function personText(id, { session }, { imported } = {}) {
  if (id === RECOVERY) return words.actors.somebody;
  if (id && id !== OWNER) return own(id);
  if (imported) return words.actors.elsewhere;
  return session?.auth === "on" && session.actor_id !== OWNER ? words.actors.owner : words.actors.human;
}

/** The run an event is about; a request from outside may name it in its payload only. */
export function runOf({ run_id: runId, payload }) {
  return runId ?? payload?.run_id ?? null;
}

/** The version number of a run the page knows, or null. */
export function versionOf(runId, state) {
  const run = state.runs?.items.find((row) => row.run_id === runId);
  return run ? words.run.version(run.number) : null;
}

function namesOf(item, state) {
  const { payload } = item;
  const stage = stageTitle(runOf(item), payload?.stage_key, state);
  const profile = state.profiles.find(({ mode }) => mode === payload?.mode);
  const task = { ...state.tasks?.items.find(({ task_id: id }) => id === payload?.task_id), ...payload };
  const numberOf = (runId) => state.runs?.items.find(({ run_id: id }) => id === runId)?.number;
  return {
    stage: titleOf(stage ?? plain(payload?.stage_key ?? "stage")),
    mode: titleOf(profile?.title ?? plain(payload?.mode)),
    file: payload?.path ? ` ${nameOf(payload)}` : "",
    task: task.title && taskTitle({ ...task, number: numberOf(task.run_id) }),
    again: words.events.again(payload?.attempt ?? 1),
  };
}

/** As the run has it; for one that is not read, as its kind of work has it now. */
function stageTitle(runId, stageKey, { runDetails, runs, profiles }) {
  const own = runDetails[runId]?.stages.find(({ stage_key: key }) => key === stageKey);
  const mode = runs?.items.find((run) => run.run_id === runId)?.mode;
  return (own ?? profiles.find((one) => one.mode === mode)?.stages.find(({ key }) => key === stageKey))?.title;
}

/** What happened in one stage of a run, oldest first; files are not told one by one. */
export function stageEvents(items, { run_id: runId }, { stage_key: stageKey }) {
  return items
    .filter((item) => item.payload?.stage_key === stageKey && runOf(item) === runId && TOLD.test(item.event_type))
    .toReversed();
}
