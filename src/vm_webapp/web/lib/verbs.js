/** Every verb of the page, as the palette offers it: what it says, where it belongs, and what it does. Only what can be done now. */

import { editableFile } from "./editing.js";
import { obstacle } from "./gate.js";
import { nameOf } from "./reading.js";
import { isSettled } from "./reduce.js";
import { may } from "./rights.js";
import { fileHash, inboxHash, runHash, searchHash, threadHash } from "./router.js";
import { shownRun } from "./shown.js";
import { titleOf, words } from "./words.js";

const said = words.palette;
const verbs = said.verbs;

/** `{id, group, title, hint?, keys?, act}`; `act(intend)` does it. */
export function allVerbs(state) {
  const run = state.route.name === "inbox" ? chosenRun(state) : shownRun(state);
  const changes = may(state, "edit")
    ? [...decisions(state, run), ...versionVerbs(state, run), ...makers(state), ...threadVerbs(state), ...revisions(run)]
    : [];
  return [
    ...changes,
    ...places(state),
    ...files(run),
    verb("theme", "look", verbs.theme, (intend) => intend("theme_changed")),
    verb("language", "look", words.language.change, (intend) => intend("language_switched")),
    verb("details", "look", state.details ? words.details.hide : words.details.show, (intend) =>
      intend("details_toggled", { details: !state.details }),
    ),
  ].filter(({ title }) => title);
}

/** The run of what is chosen in the inbox, with the stage that is decided on there alone. */
function chosenRun({ inbox, inboxAt, inboxRuns }) {
  const item = inbox?.items.find(({ item_id: id }) => id === inboxAt);
  const run = inboxRuns[item?.run_id]?.run;
  return run && { ...run, stages: run.stages.filter(({ stage_key: key }) => key === item.stage_key) };
}

/** The last resort: what was typed is looked for in all deliverables. */
export function searchVerb(text) {
  return go("search", "go", text ? said.search(text) : said.searchOpen, searchHash(text, {}));
}

function verb(id, group, title, act, facts = {}) {
  return { id, group, title, act, ...facts };
}

function go(id, group, title, hash, facts) {
  return verb(id, group, title, (intend) => intend("went", { hash }), facts);
}

function open(id, group, title, dialog, facts) {
  return verb(id, group, title, (intend) => intend("dialog_opened", { dialog }), facts);
}

/** Puts the keyboard into a field of the page. */
function focus(id, group, title, selector, facts) {
  const act = () => {
    const field = document.querySelector(selector);
    const folded = field?.closest("details:not([open])");
    if (folded) folded.open = true;
    field?.focus();
  };
  return verb(id, group, title, act, facts);
}

function decisions(state, run) {
  return (run?.stages ?? []).flatMap((stage) => {
    const title = titleOf(stage.title);
    if (stage.gate?.decision === "rejected")
      return [verb("make-revision", "decide", verbs.makeRevision, (intend) => intend("revised", { runId: run.run_id, stageKey: stage.stage_key }))];
    if (stage.status !== "waiting_approval" || !stage.gate) return [];
    const free = !obstacle(run, stage.gate, state, { toApprove: true });
    const plain = free && !stage.gate.breaches.length;
    const inInbox = state.route.name === "inbox";
    const panel = inInbox ? "#inbox-approval" : "#approval";
    const [yes, no] = inInbox ? [{ keys: "A" }, { keys: "R" }] : [{}, {}];
    return [
      plain && open(`approve-${stage.stage_key}`, "decide", verbs.approve(title), { name: "confirm", run, stage }, yes),
      free && !plain && focus(`approve-${stage.stage_key}`, "decide", verbs.approve(title), `${panel}-comment`, yes),
      focus(`reject-${stage.stage_key}`, "decide", verbs.reject(title), `${panel}-reason`, no),
    ].filter(Boolean);
  });
}

function revisions(run) {
  return (run?.stages ?? [])
    .filter(({ status }) => status === "completed")
    .map((stage) =>
      open(`revise-${stage.stage_key}`, "decide", verbs.revise(titleOf(stage.title)), { name: "revision", run, stage }),
    );
}

function versionVerbs(state, run) {
  if (!run || !state.thread) return [];
  const file = editableFile(state);
  const best = state.thread?.best?.run_id === run.run_id;
  return [
    file && verb("edit", "version", verbs.edit(file.name), (intend) => intend("editor_opened", { file })),
    best
      ? verb("unbest", "version", verbs.unbest, (intend) => intend("best_marked", { runId: null }))
      : open("best", "version", verbs.best, { name: "best", run }),
    open("fork-this", "version", verbs.fork, { name: "fork" }),
    focus("comment", "version", verbs.comment, "#comment-text"),
    !isSettled(run) && verb("cancel", "version", verbs.cancel, (intend) => intend("run_canceled", { run })),
    ["failed", "canceled"].includes(run.status) &&
      verb("retry", "version", verbs.retry, (intend) => intend("run_retried", { run })),
    state.runs?.items.length > 1 && focus("filter", "version", verbs.filter, "#filter-status"),
  ].filter(Boolean);
}

function makers({ thread, brandId, brands }) {
  const form = (noun, item) => (intend) => intend("form_opened", { noun, item });
  const brand = brands?.find(({ brand_id: id }) => id === brandId);
  const place = thread && { brand_id: thread.brand_id, project_id: thread.project_id };
  return [
    thread && focus("request", "make", verbs.request, "#workflow-request-input"),
    place && verb("new-thread", "make", verbs.thread, form("thread", place)),
    brand && verb("new-project", "make", verbs.project, form("project", { brand_id: brandId })),
    verb("new-brand", "make", verbs.brand, form("brand", null)),
    brand && verb("edit-brand", "make", verbs.editBrand, form("brand", brand)),
    brand && open("rules", "make", verbs.rules, { name: "rules", brandId }),
  ].filter(Boolean);
}

function threadVerbs({ thread }) {
  if (!thread) return [];
  const closed = thread.status === "closed";
  return [
    focus("task", "make", verbs.task, "#task-title"),
    verb("rename", "make", verbs.rename, (intend) => intend("form_opened", { noun: "thread", item: thread })),
    verb("close", "make", closed ? verbs.reopen : verbs.close, (intend) => intend(closed ? "thread_reopened" : "thread_closed")),
  ];
}

function places({ inbox, runs, threads, projects, brands, brandId }) {
  const count = inbox?.items.length;
  return [
    go("inbox", "go", verbs.inbox, inboxHash, { hint: count ? words.inbox.waiting(count) : "" }),
    ...(runs?.items ?? []).map((run) =>
      go(run.run_id, "go", verbs.version(run.number), runHash(run.run_id), { hint: words.statuses[run.status] }),
    ),
    ...(projects[brandId] ?? []).flatMap(({ project_id: id, name }) =>
      (threads[id] ?? []).map((one) => go(one.thread_id, "go", one.title, threadHash(one.thread_id), { hint: name })),
    ),
    ...(brands ?? [])
      .filter(({ brand_id: id }) => id !== brandId)
      .map((brand) => verb(brand.brand_id, "go", brand.name, (intend) => intend("brand_chosen", { brandId: brand.brand_id }), { hint: words.brand.choose })),
  ];
}

function files(run) {
  return (run?.stages ?? []).flatMap((stage) =>
    stage.artifacts.map((artifact) => {
      const name = nameOf(artifact);
      const hash = fileHash({ run_id: run.run_id, stage_key: stage.stage_key, name });
      return go(`file-${stage.stage_key}-${name}`, "go", name, hash, { hint: titleOf(stage.title) });
    }),
  );
}
