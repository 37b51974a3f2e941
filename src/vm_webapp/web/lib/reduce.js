/** action -> next state. Pure: no clock, no network, no document; what an action carries is all there is. */

import { decidingChanges, decidingState } from "./deciding_state.js";
import { readingChanges, readingState } from "./reading_state.js";

export { sameFile } from "./file.js";

export const initialState = {
  ...decidingState,
  ...readingState,
  route: { name: "home" },
  session: null,
  details: false,
  theme: "auto",
  now: Date.now(),
  profiles: [],
  writers: null,
  brands: null,
  brandId: null,
  projectId: null,
  projects: {},
  threads: {},
  threadId: null,
  thread: null,
  threadProblem: null,
  runs: null,
  requesters: null,
  runDetails: {},
  drafts: {},
  comments: null,
  tasks: null,
  timeline: null,
  live: "off",
  form: null,
  busy: {},
  problems: {},
  notices: [],
  announcement: "",
  navigationOpen: false,
};

const SETTLED = new Set(["completed", "failed", "canceled"]);
const KEYS = { runs: "run_id", comments: "comment_id", tasks: "task_id", timeline: "event_id" };

export const isSettled = (run) => SETTLED.has(run.status);

/** The id of the version on show: the one the address names, else the newest. */
export function shownRunId({ route, runs }) {
  return route.name === "run" ? route.run_id : runs?.items[0]?.run_id;
}

export function reduce(state, action) {
  const change = CHANGES[action.type];
  return change ? { ...state, ...change(state, action) } : state;
}

const CHANGES = {
  ...decidingChanges,
  ...readingChanges,
  routed: (_, { route }) => ({ route, navigationOpen: false }),
  ticked: (_, { now }) => ({ now }),
  session_known: (_, { session }) => ({ session: { ...session, required: false } }),
  session_lost: ({ session }) => ({ session: { ...session, required: true } }),
  theme_changed: (_, { theme }) => ({ theme }),
  details_toggled: (_, { details }) => ({ details }),
  navigation_toggled: (state, { open }) => ({ navigationOpen: open ?? !state.navigationOpen }),

  profiles_loaded: (_, { profiles }) => ({ profiles }),
  writers_loaded: (_, { writers }) => ({ writers }),
  brands_loaded: (_, { brands }) => ({ brands }),
  brand_chosen: (state, { brandId }) => ({ brandId, projectId: state.brandId === brandId ? state.projectId : null }),
  project_chosen: (_, { projectId }) => ({ projectId }),
  brand_saved: (state, { brand }) => ({ brands: put(state.brands ?? [], brand, "brand_id") }),
  projects_loaded: (state, { brandId, projects }) => ({ projects: { ...state.projects, [brandId]: projects } }),
  project_saved: (state, { project }) => ({
    projects: {
      ...state.projects,
      [project.brand_id]: put(state.projects[project.brand_id] ?? [], project, "project_id"),
    },
  }),
  threads_loaded: (state, { projectId, threads }) => ({ threads: { ...state.threads, [projectId]: threads } }),
  thread_saved: (state, { thread }) => ({
    thread: state.threadId === thread.thread_id ? newer(state.thread, thread) : state.thread,
    threads: {
      ...state.threads,
      [thread.project_id]: put(state.threads[thread.project_id] ?? [], thread, "thread_id"),
    },
  }),

  thread_left: () => NO_THREAD,
  thread_opened: (_, { threadId }) => ({ ...NO_THREAD, threadId, live: "connecting" }),
  thread_loaded: (_, { thread, lists }) => ({
    ...{ thread, threadProblem: null, ...lists },
    ...{ brandId: thread.brand_id, projectId: thread.project_id },
  }),
  thread_missing: (_, { problem }) => ({ thread: null, threadProblem: problem, live: "off" }),
  page_loaded: (state, { list, page }) => (state[list] ? { [list]: append(state[list], page, list) } : {}), // else the thread is read anew
  head_loaded: (state, { list, page }) => ({ [list]: prepend(state[list], page.items, list) }),
  comment_saved: (state, { comment }) => ({ comments: prepend(state.comments, [comment], "comments") }),
  task_saved: (state, { task }) => ({ tasks: prepend(state.tasks, [task], "tasks") }),
  live_changed: (state, { live, words }) => ({ live, announcement: ofConnection(state, live, words), ...(live === "live" && reached(state)) }),
  drafted: (state, { frame }) => ({ drafts: drafted(state.drafts, frame) }),
  happened: (state, { item }) => ({ timeline: prepend(state.timeline, [item], "timeline") }),

  run_loaded: (state, { run, words }) => {
    if (run.thread_id !== state.threadId) return {};
    const known = state.runs?.items.find((row) => row.run_id === run.run_id);
    if (known && isSettled(known) && !isSettled(run)) return {};
    return {
      runs: { ...state.runs, items: byNumber(put(state.runs?.items ?? [], run, "run_id")) },
      runDetails: { ...state.runDetails, [run.run_id]: run },
      announcement: isNews(run, known, state) ? ofRun(run, words) : state.announcement,
    };
  },

  form_opened: (_, { noun, item }) => ({ form: { noun, item }, problems: {} }),
  form_closed: () => ({ form: null }),
  began: (state, { name }) => ({
    busy: { ...state.busy, [name]: true },
    problems: { ...state.problems, [name]: null },
  }),
  ended: (state, { name, problem = null }) => ({
    busy: { ...state.busy, [name]: false },
    problems: { ...state.problems, [name]: problem },
  }),
  noticed: (state, { notice }) => ({ notices: [...state.notices.filter((old) => old.text !== notice.text), notice] }),
  notice_dismissed: (state, { text }) => ({ notices: state.notices.filter((notice) => notice.text !== text) }),
};

const NO_THREAD = {
  threadId: null,
  thread: null,
  threadProblem: null,
  runs: null,
  requesters: null,
  runDetails: {},
  drafts: {},
  comments: null,
  tasks: null,
  timeline: null,
  live: "off",
  reader: null,
  announcement: "",
  problems: {},
};

/** Whether a version stands otherwise than it stood here, or is newer than all that stand here. */
function isNews(run, known, { runs }) {
  return known ? known.status !== run.status : Boolean(runs) && run.number > (runs.items[0]?.number ?? 0);
}

/** What is told of a version to those who do not see it: that it is over, or waits for somebody; nothing of each step. */
function ofRun(run, words) {
  return isSettled(run) || run.status === "waiting_approval" ? words : "";
}

/** A connection that is lost is told once, and that it is back; how it first came about is not. */
function ofConnection({ live: before, announcement }, live, words) {
  return live !== before && (live === "down" || (live === "live" && before === "down")) ? words : announcement;
}

/** That the server could not be reached is not said any longer than it holds. */
function reached({ problems, notices }) {
  const holds = (one) => one?.code !== "unreachable";
  return {
    problems: Object.fromEntries(Object.entries(problems).filter(([, problem]) => holds(problem))),
    notices: notices.filter(holds),
  };
}

/** The text of a stage as it is being written: its first `keep` characters stay, the rest is new; another attempt begins anew. */
function drafted(drafts, { run_id: runId, stage_key: stageKey, attempt, keep, text }) {
  const key = `${runId}/${stageKey}`;
  const before = drafts[key]?.attempt === attempt ? drafts[key].text : "";
  return { ...drafts, [key]: { attempt, text: before.slice(0, keep) + text } };
}

/** Replaces the item of that id where it stands, or puts it first. */
function put(items, item, key) {
  const known = items.some((old) => old[key] === item[key]);
  return known ? items.map((old) => (old[key] === item[key] ? newer(old, item) : old)) : [item, ...items];
}

/** An answer that was overtaken by a later one changes nothing; comments and tasks have no version and are taken. */
function newer(old, item) {
  return old && old.version > item.version ? old : { ...old, ...item };
}

function prepend(list, items, name) {
  return { ...list, items: items.toReversed().reduce((all, item) => put(all, item, KEYS[name]), list?.items ?? []) };
}

function append(list, page, name) {
  const known = new Set(list.items.map((item) => item[KEYS[name]]));
  const items = [...list.items, ...page.items.filter((item) => !known.has(item[KEYS[name]]))];
  return { items: name === "runs" ? byNumber(items) : items, next: page.next };
}

function byNumber(runs) {
  return runs.toSorted((one, other) => other.number - one.number);
}
