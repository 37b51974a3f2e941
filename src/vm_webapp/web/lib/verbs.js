/** Every verb of the page, as the palette offers it: what it says, where it belongs, and what it does. Only what can be done now. */

import { shownDigest } from "./deciding_state.js";
import { editableFile } from "./editing.js";
import { filePlaces, fileVerbs } from "./file_verbs.js";
import { obstacle } from "./gate.js";
import { inboxVerbs, placeVerbs } from "./place_verbs.js";
import { isSettled } from "./reduce.js";
import { may, mayMake } from "./rights.js";
import { searchHash } from "./router.js";
import { shownFile, shownRun } from "./shown.js";
import { focus, go, open, press, verb } from "./verb.js";
import { language, titleOf, words } from "./words.js";
import tables from "./words/palette.js";

const said = tables[language];
const verbs = said.verbs;

/** The verbs that fit the page as it stands, those first that change something. */
export function allVerbs(state) {
  const run = state.route.name === "inbox" ? chosenRun(state) : shownRun(state);
  const changes = may(state, "edit")
    ? [...decisions(state, run), ...versionVerbs(state, run), ...makers(state), ...threadVerbs(state), ...revisions(state, run)]
    : [];
  return [
    ...changes,
    ...inboxVerbs(state),
    ...fileVerbs(state),
    ...lookVerbs(state),
    ...placeVerbs(state),
    ...filePlaces(run),
    ...erasures(state, run),
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

function decisions(state, run) {
  return (run?.stages ?? []).flatMap((stage) => {
    const title = titleOf(stage.title);
    if (stage.gate?.decision === "rejected")
      return [mayMake(state) && verb("revise", "decide", verbs.makeRevision, (intend) => intend("revised", { runId: run.run_id, stageKey: stage.stage_key }))].filter(Boolean);
    if (stage.status !== "waiting_approval" || !stage.gate) return [];
    const free = !obstacle(run, stage.gate, state, { toApprove: true });
    const plain = free && !stage.gate.breaches.length;
    const inInbox = state.route.name === "inbox";
    const panel = inInbox ? "#inbox-approval" : "#approval";
    const [yes, no] = inInbox ? [{ keys: "A" }, { keys: "R" }] : [{}, {}];
    const renewed = shownDigest(state, run, stage) !== stage.manifest_sha256;
    return [
      renewed && press("renew", "decide", words.approval.reload),
      plain && open(`approve-${stage.stage_key}`, "decide", verbs.approve(title), { name: "confirm", run, stage }, yes),
      free && !plain && focus(`approve-${stage.stage_key}`, "decide", verbs.approve(title), `${panel}-comment`, yes),
      focus(`reject-${stage.stage_key}`, "decide", verbs.reject(title), `${panel}-reason`, no),
    ].filter(Boolean);
  });
}

function versionVerbs(state, run) {
  if (!run || !state.thread || state.route.name === "inbox") return [];
  const { thread, runs, filters } = state;
  const makes = mayMake(state);
  const file = makes && !state.editor && editableFile(state);
  const best = thread.best?.run_id === run.run_id;
  const waits = !isSettled(run) && run.stages.some(({ retry_at: at, status }) => at && status !== "completed");
  return [
    waits && verb("resume", "version", verbs.resume, (intend) => intend("run_resumed", { run })),
    file && verb("edit", "version", verbs.edit(file.name), (intend) => intend("editor_opened", { file })),
    best && verb("unbest", "version", verbs.unbest, (intend) => intend("best_marked", { runId: null })),
    !best && run.status === "completed" && !run.erased && open("best", "version", verbs.best, { name: "best", run }),
    makes && run.stages_done > 0 && !run.erased && open("fork", "version", verbs.fork, { name: "fork", run, runId: thread.best?.run_id }),
    focus("comment", "version", verbs.comment, "#comment-text"),
    !isSettled(run) && verb("cancel", "version", verbs.cancel, (intend) => intend("run_canceled", { run })),
    makes &&
      ["failed", "canceled"].includes(run.status) &&
      !run.erased &&
      verb("retry", "version", verbs.retry, (intend) => intend("run_retried", { run })),
    runs?.items.length > 1 && focus("filter", "version", verbs.filter, "#filter-status"),
    Object.values(filters).some(Boolean) &&
      verb("clear-filters", "version", verbs.clearFilters, (intend) => intend("filtered", { filters: NO_FILTERS })),
  ].filter(Boolean);
}

const NO_FILTERS = { status: "", mode: "", person: "" };

/** What cannot be undone, for those who may. */
function erasures(state, run) {
  if (!state.thread || state.route.name === "inbox" || !may(state, "administer")) return [];
  const ask = (id, title, facts) => open(id, "version", title, { name: "erasure", ...facts });
  const settled = run && isSettled(run) && !run.erased;
  return [
    settled && ask("erase", verbs.erase, { run, subject: { run_id: run.run_id } }),
    state.comments?.items.some(({ erased }) => !erased) && focus("erase-comment", "version", verbs.eraseComment, "vm-comments .menu summary"),
    ask("erase-thread", verbs.eraseThread, { subject: {} }),
  ].filter(Boolean);
}

function makers({ thread, brandId, brands, projects, projectId }) {
  const form = (noun, item) => (intend) => intend("form_opened", { noun, item });
  const brand = brands?.find(({ brand_id: id }) => id === brandId);
  const project = projects[brandId]?.find(({ project_id: id }) => id === projectId);
  const place = project && { brand_id: project.brand_id, project_id: project.project_id };
  return [
    thread?.status === "open" && focus("request", "make", verbs.request, "#workflow-request-input"),
    place && verb("new-thread", "make", verbs.thread, form("thread", place)),
    brand && verb("new-project", "make", verbs.project, form("project", { brand_id: brandId })),
    project && verb("edit-project", "make", verbs.editProject, form("project", project)),
    verb("new-brand", "make", verbs.brand, form("brand", null)),
    brand && verb("edit-brand", "make", verbs.editBrand, form("brand", brand)),
    brand && open("rules", "make", verbs.rules, { name: "rules", brandId }),
  ].filter(Boolean);
}

function threadVerbs({ thread, tasks, profiles }) {
  if (!thread) return [];
  const closed = thread.status === "closed";
  const open = (tasks?.items ?? []).filter(({ status }) => status === "open");
  return [
    focus("task", "make", verbs.task, "#task-title"),
    ...open.map((task) => verb(`complete-${task.task_id}`, "make", words.task.complete(task.title), (intend) => intend("task_completed", { task }))),
    verb("rename", "make", verbs.rename, (intend) => intend("form_opened", { noun: "thread", item: thread })),
    closed
      ? verb("reopen-thread", "make", verbs.reopen, (intend) => intend("thread_reopened"))
      : verb("close-thread", "make", verbs.close, (intend) => intend("thread_closed")),
    ...profiles.map(({ mode, title }) =>
      thread.modes.includes(mode)
        ? verb(`unoffer-${mode}`, "make", words.request.unkeep(titleOf(title)), (intend) => intend("mode_removed", { mode }))
        : verb(`offer-${mode}`, "make", words.request.keep(titleOf(title)), (intend) => intend("mode_added", { mode })),
    ),
  ];
}

/** The stage that is being read comes first. */
function revisions(state, run) {
  if (state.route.name === "inbox" || !mayMake(state)) return [];
  const read = shownFile(state)?.stage_key;
  return (run?.stages ?? [])
    .toSorted((one, other) => (other.stage_key === read) - (one.stage_key === read))
    .filter(({ status }) => status === "completed" && !run.erased)
    .map((stage) =>
      open(`ask-revision-${stage.stage_key}`, "decide", verbs.revise(titleOf(stage.title)), { name: "revision", run, stage }),
    );
}

function lookVerbs({ details, live, session }) {
  return [
    live === "down" && press("look-again", "look", words.live.retry),
    verb("theme", "look", verbs.theme, (intend) => intend("theme_changed")),
    verb("language", "look", words.language.change, (intend) => intend("language_switched")),
    verb("details", "look", details ? words.details.hide : words.details.show, (intend) => intend("details_toggled", { details: !details })),
    session?.auth === "on" && verb("leave", "look", words.session.leave, (intend) => intend("signed_out")),
  ].filter(Boolean);
}
