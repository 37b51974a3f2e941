/** The composition root: the table of API paths, and which object talks to which. */

import { Api, Problem, sleep } from "./lib/api.js";
import { Backend } from "./lib/backend.js";
import { Catalog } from "./lib/catalog.js";
import { Deciding } from "./lib/deciding.js";
import { Desk } from "./lib/desk.js";
import { Glance } from "./lib/glance.js";
import { keepDetails, keptDetails } from "./lib/details.js";
import { switchLanguage } from "./lib/language.js";
import { fetchLetters } from "./lib/letters.js";
import { settleKeyboard, watchKeyboard } from "./lib/keyboard.js";
import { closeMenus } from "./lib/menus.js";
import { Editing } from "./lib/editing.js";
import { Finding } from "./lib/finding.js";
import { Inbox } from "./lib/inbox.js";
import { decidingIntents } from "./lib/intents.js";
import { asProblem } from "./lib/perform.js";
import { Reading } from "./lib/reading.js";
import { initialState, reduce, shownRunId } from "./lib/reduce.js";
import { parseHash, runHash, threadHash } from "./lib/router.js";
import { Store } from "./lib/store.js";
import { Session } from "./lib/session.js";
import { currentTheme, nextTheme } from "./lib/theme.js";
import { pageTitle } from "./lib/title.js";
import { markUsable } from "./lib/usable.js";
import { orderByWidth, showView } from "./lib/view.js";
import { translate } from "./lib/words.js";
import { prepareContent } from "./elements/content.js";
import "./elements/all.js";
import { later, rest } from "./elements/later.js";

const PATHS = {
  session: "/api/v2/session",
  profiles: "/api/v2/profiles",
  writers: "/api/v2/writers",
  brands: "/api/v2/brands",
  projects: "/api/v2/projects",
  threadList: "/api/v2/threads",
  threads: "/api/v2/threads/",
  closing: "/closing",
  reopening: "/reopening",
  modes: "/modes",
  timeline: "/timeline",
  comments: "/comments",
  tasks: "/tasks",
  task: "/api/v2/tasks/",
  completion: "/completion",
  events: "/events",
  workflowRuns: "/workflow-runs",
  requesters: "/requesters",
  allRuns: "/api/v2/workflow-runs",
  runs: "/api/v2/workflow-runs/",
  cancellation: "/cancellation",
  retry: "/retry",
  resumption: "/resumption",
  artifacts: "/artifacts",
  stages: "/stages/",
  approval: "/approval",
  rejection: "/rejection",
  revision: "/revision",
  fork: "/fork",
  edit: "/edit",
  bestVersion: "/best-version",
  rules: "/rules",
  retirement: "/retirement",
  budget: "/budget",
  cost: "/cost",
  inbox: "/api/v2/inbox",
  allEvents: "/api/v2/events",
  search: "/api/v2/search",
  download: "/download",
  erasures: "/erasures",
};
const TICK = 20_000;
/** What the server says ahead is waited for that long before anything is shown, so that all of it is shown at once. */
const FIRST_LOOK_WITHIN = 400;
let comparing = false;

const store = new Store(reduce, initialState);
const api = new Api({ onRefused: () => store.dispatch({ type: "session_lost" }), firstLook: globalThis.firstLook });
const backend = new Backend(api, PATHS);
const session = new Session({ store, backend });
const catalog = new Catalog({ store, backend, go });
const desk = new Desk({ store, backend, go, reveal: (thread) => catalog.reveal(thread) });
const deciding = new Deciding({ store, backend, go });
const inbox = new Inbox({ store, backend, deciding });
const finding = new Finding({ store, backend, go, more: (list) => desk.more(list) });
const editing = new Editing({ store, backend, go, show: (run) => deciding.show(run) });
const reading = new Reading({ store, backend, prepare: prepareContent });

const INTENTS = {
  signed_in: async ({ values }) => (await session.start(values)) && (await begin()),
  signed_out: () => session.end(),
  details_toggled: ({ details }) => (keepDetails(details), store.dispatch({ type: "details_toggled", details })),
  language_switched: () => switchLanguage(),
  brand_chosen: ({ brandId }) => catalog.chooseBrand(brandId),
  project_chosen: ({ projectId }) => catalog.chooseProject(projectId),
  thread_chosen: ({ threadId }) => go(threadHash(threadId)),
  form_opened: ({ noun, item }) => store.dispatch({ type: "form_opened", noun, item }),
  form_closed: () => store.dispatch({ type: "form_closed" }),
  form_sent: (form) => catalog.save(form),
  begun: ({ values }) => catalog.begin(values),
  requested: async ({ values, keep, done }) => {
    const { threadId } = store.state;
    await desk.request(values, done);
    if (keep && store.state.threadId === threadId) await desk.change("addMode", keep);
  },
  run_canceled: ({ run }) => desk.cancel(run),
  run_retried: ({ run }) => desk.retry(run),
  request_changed: ({ run }) => document.querySelector("vm-request").take(run),
  run_resumed: ({ run }) => desk.resume(run),
  ...decidingIntents({ store, deciding, inbox, finding, editing, go }),
  run_wanted: ({ runId }) => deciding.read(runId),
  commented: ({ values, done }) => desk.comment(values, done),
  task_added: ({ values, done }) => desk.addTask(values, done),
  task_completed: ({ task }) => desk.completeTask(task),
  thread_closed: () => desk.change("closeThread"),
  thread_reopened: () => desk.change("reopenThread"),
  mode_added: ({ mode }) => desk.change("addMode", mode),
  mode_removed: ({ mode }) => desk.change("removeMode", mode),
  more: ({ list }) => desk.more(list),
  reader_closed: () => go(runHash(shownRunId(store.state))),
  reader_again: () => reading.again(),
  reader_raw: () => store.dispatch({ type: "reader_raw" }),
  origin_toggled: () => reading.toggleOrigin(),
  copied: (wish) => reading.copy(wish),
  compared: ({ hash }) => go(hash),
  docx_wanted: (wish) => reading.saveWord(wish),
  live_retried: () => wake(),
  theme_changed: () => store.dispatch({ type: "theme_changed", theme: nextTheme() }),
  navigation_toggled: ({ open }) => store.dispatch({ type: "navigation_toggled", open }),
  notice_dismissed: ({ text }) => store.dispatch({ type: "notice_dismissed", text }),
};

async function start() {
  translate(document);
  orderByWidth(document);
  closeMenus(document);
  watchKeyboard(document);
  document.addEventListener("intent", ({ detail }) => guard(() => INTENTS[detail.type](detail)));
  document.querySelector(".skip-link").addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector("main").focus();
  });
  addEventListener("hashchange", () => editing.holds(location.hash) || guard(route));
  addEventListener("online", () => desk.wake());
  addEventListener("offline", () => desk.lose());
  addEventListener("pagehide", () => desk.pause());
  addEventListener("pageshow", ({ persisted }) => persisted && desk.wake());
  document.addEventListener("resume", () => wake());
  document.addEventListener("visibilitychange", () => (document.hidden ? desk.hide() : wake()));
  setInterval(() => document.hidden || store.dispatch({ type: "ticked", now: Date.now() }), TICK);
  store.dispatch({ type: "details_toggled", details: keptDetails() });
  store.dispatch({ type: "theme_changed", theme: currentTheme() });
  store.dispatch({ type: "routed", route: parseHash(location.hash) });
  guard(async () => (await session.load()) && (await begin()));
  await Promise.race([api.firstLook.coming, sleep(FIRST_LOOK_WITHIN)]);
  await sleep(0); // what follows from it is at hand, and shown with it
  const parts = [...document.querySelectorAll("[data-part]")].map((part) => new Glance(part, later[part.localName]));
  store.show((state) => {
    showView(document.body, state);
    for (const part of parts) part.update(state, backend);
    settleKeyboard();
    document.title = pageTitle(state);
    markUsable(state, fetchRest);
    if (state.route.compare) compare();
  });
}

/**
 * What everybody sees first; again after signing in, for what was open is still there. What the address names is read
 * while brands and the rest come; an address that changed meanwhile is turned to then.
 */
async function begin() {
  const loaded = catalog.load();
  const to = parseHash(location.hash);
  await Promise.all([loaded, open(to, loaded)]);
  if (store.state.route !== to) await route();
  inbox.refresh();
  desk.wake();
}

/** What can wait for the first deliverable: had in time, so that it is there when the server is not. */
function fetchRest() {
  api.firstLook.forget();
  fetchLetters().catch(asProblem);
  desk.rest();
  for (const { load } of Object.values(later)) load().catch(asProblem);
  for (const load of rest) load().catch(() => null); // asked for again when it is wanted
}

/** Comparing begins with the first comparison; a try that failed is made again with the next change. */
async function compare() {
  if (comparing) return;
  comparing = true;
  try {
    const { Comparing } = await import("./lib/comparing.js");
    new Comparing({ store, backend, all: () => finding.all() });
  } catch {
    comparing = false;
    if (!store.state.comparison) store.dispatch({ type: "comparing_failed", problem: new Problem({ read: true }) });
  }
}

function wake() {
  desk.wake();
  inbox.wake();
  catalog.refresh().catch(asProblem);
}

async function route() {
  const to = parseHash(location.hash);
  if (store.state.brands) return open(to);
  store.dispatch({ type: "routed", route: to });
}

async function open(to, loaded = null) {
  store.dispatch({ type: "routed", route: to });
  if (to.name !== "inbox") inbox.leave();
  if (to.name === "inbox" || to.name === "search") desk.leave();
  if (to.name === "inbox") inbox.enter();
  else if (to.name === "search") await finding.find(to);
  else if (to.name === "thread") await desk.open(to.thread_id);
  else if (to.name === "run") await desk.openRun(to.run_id);
  else {
    desk.leave();
    if (to.name !== "lost") await catalog.openHome(loaded);
  }
}

function go(hash, { replace = false } = {}) {
  if (location.hash === hash) return;
  if (!replace) location.hash = hash;
  else {
    history.replaceState(history.state, "", hash);
    guard(route);
  }
}

/** What no element shows beside its own button is shown as a notice. */
async function guard(work) {
  try {
    await work();
  } catch (error) {
    const { code, text, hint } = asProblem(error);
    if (code !== "unauthorized") store.dispatch({ type: "noticed", notice: { code, text, hint } });
  }
}

start();
