/** The log as people read it: what belongs to one version is one row with its steps inside, newest first. */

import { plain, words } from "./words.js";

/** Rows of `{kind: "run", run_id, items}` and `{kind: "event", items: [item]}`; a run stands where its newest event is. */
export function fold(items) {
  const rows = [];
  const byRun = new Map();
  for (const item of items) {
    const belongs = item.run_id && !item.event_type.startsWith("Comment") && !item.event_type.startsWith("Task");
    if (!belongs) rows.push({ kind: "event", items: [item] });
    else if (byRun.has(item.run_id)) byRun.get(item.run_id).items.push(item);
    else {
      const row = { kind: "run", run_id: item.run_id, items: [item] };
      byRun.set(item.run_id, row);
      rows.push(row);
    }
  }
  return rows;
}

/** What an event says, without its actor. */
export function eventText(item, state) {
  const say = words.events[item.event_type];
  return say ? say({ ...item, payload: item.payload ?? {} }, namesOf(item, state)) : words.otherEvent(item.event_type);
}

export function actorText({ actor_type: type, actor_id: id }) {
  if (type !== "human") return words.actors[type] ?? words.actors.system;
  return personText(id);
}

/** A person's name; whoever works on this machine without an account is "You". */
export function personText(id) {
  return !id || ["local", "person", "human", "user", "owner", "me", "page", "anonymous"].includes(id) ? words.actors.human : id;
}

/** The version number of a run the page knows, or null. */
export function versionOf(runId, state) {
  const run = state.runs?.items.find((row) => row.run_id === runId);
  return run ? words.run.version(run.number) : null;
}

function namesOf({ payload = {}, run_id: runId }, state) {
  const stage = state.runDetails[runId]?.stages.find(({ stage_key: key }) => key === payload?.stage_key);
  const profile = state.profiles.find(({ mode }) => mode === payload?.mode);
  const file = payload?.path ?? payload?.name;
  return {
    stage: stage?.title ?? plain(payload?.stage_key ?? "stage"),
    mode: profile?.title ?? plain(payload?.mode),
    file: file ? ` ${file}` : "",
    again: words.again(payload?.attempt ?? 1),
  };
}
