/**
 * The open thread: a snapshot, then its events, and what a person does there.
 *
 * The position is noted before the snapshot is read, and events are followed from it: what happens in between arrives as
 * an event and is read again. An event about a run makes the page read that run; the server's projection is not redone here.
 */

import { asProblem, insist, perform, Refresher } from "./perform.js";
import { isSettled, shownRunId } from "./reduce.js";
import { runHash } from "./router.js";
import { runOf } from "./timeline.js";
import { LiveStream } from "./sse.js";
import { words } from "./words.js";

/** What a version's stages usually tell; older ones come when there is time. */
const FIRST_EVENTS = 16;
/** The versions that are in sight, and some; the rest of a page comes when there is time. */
const FIRST_RUNS = 12;
const PAGE = 50;
const REST_AFTER_HIDDEN = 60_000;

export class Desk {
  #stream = null;
  #rest = 0;
  #asked = null;

  constructor({ store, backend, go, reveal }) {
    Object.assign(this, { store, backend, go, reveal });
    this.refresher = new Refresher((key) => this.#refresh(key));
    store.follow((state) => this.#fillShownRun(state));
  }

  /** Opens a thread, or leaves it as it is when it is open already; `run` is the one that is to be shown, where it is known. */
  async open(threadId, run = null) {
    if (this.store.state.threadId === threadId && !this.store.state.threadProblem) return;
    this.leave();
    this.store.dispatch({ type: "thread_opened", threadId });
    const wanted = () => this.store.state.threadId === threadId;
    try {
      await insist(() => this.#load(threadId, run, wanted), wanted);
    } catch (error) {
      if (wanted()) this.store.dispatch({ type: "thread_missing", problem: asProblem(error) });
    }
  }

  /** Opens the thread that a run belongs to. */
  async openRun(runId) {
    if (this.store.state.runs?.items.some((run) => run.run_id === runId)) return;
    try {
      const run = await insist(
        () => this.backend.getRun(runId),
        () => shownRunId(this.store.state) === runId,
      );
      await this.open(run.thread_id, run);
      this.#take(run);
    } catch (error) {
      this.leave();
      this.store.dispatch({ type: "thread_missing", problem: asProblem(error) });
    }
  }

  leave() {
    this.#stream?.stop();
    this.#stream = null;
    this.#asked = null;
    this.store.dispatch({ type: "thread_left" });
  }

  /** Sends a request; the run is on the page as soon as the server has taken it, and moves by events. */
  async request(values, done) {
    const run = await perform(this.store, "request", () => this.backend.requestRun(this.store.state.threadId, values));
    if (run) done();
    this.#show(run);
  }

  async retry({ run_id: runId }) {
    this.#show(await perform(this.store, "run", () => this.backend.retryRun(runId)));
  }

  /** Lets a stage that waits for its next attempt go on now. */
  async resume({ run_id: runId }) {
    this.#take(await perform(this.store, "run", () => this.backend.resumeRun(runId)));
  }

  async cancel({ run_id: runId }) {
    this.#take(await perform(this.store, "run", () => this.backend.cancelRun(runId)));
  }

  /** Approves or rejects a stage's files: `approveStage`, `rejectStage`. */
  async decide(how, { run: { run_id: runId }, stage: { stage_key: stageKey }, values }) {
    this.#take(await perform(this.store, "approval", () => this.backend[how](runId, stageKey, values)));
  }

  async comment(values, done) {
    const comment = await perform(this.store, "comment", () =>
      this.backend.addComment(this.store.state.threadId, values),
    );
    if (!comment) return;
    this.store.dispatch({ type: "comment_saved", comment });
    done();
  }

  async addTask(values, done) {
    const task = await perform(this.store, "task", () => this.backend.addTask(this.store.state.threadId, values));
    if (!task) return;
    this.store.dispatch({ type: "task_saved", task });
    done();
  }

  async completeTask({ task_id: taskId }) {
    const task = await perform(this.store, "task", () => this.backend.completeTask(taskId));
    if (task) this.store.dispatch({ type: "task_saved", task });
  }

  /** Changes the thread itself: `closeThread`, `reopenThread`, `addMode`, `removeMode`. */
  async change(how, ...values) {
    const thread = await perform(this.store, "thread", () => this.backend[how](this.store.state.threadId, ...values));
    if (thread) this.store.dispatch({ type: "thread_saved", thread });
  }

  /** The next page of one of the thread's lists. */
  async more(list, limit = list === "timeline" ? 100 : PAGE) {
    const {
      threadId,
      [list]: { next },
    } = this.store.state;
    const page = await perform(this.store, list, () => this.backend.listOfThread(threadId, list, { after: next, limit }));
    if (page && this.store.state.threadId === threadId) this.store.dispatch({ type: "page_loaded", list, page });
  }

  /** The rest of what a thread's first look leaves out. */
  async rest() {
    const { timeline, runs } = this.store.state;
    if (runs?.next && runs.items.length <= FIRST_RUNS + 1) this.more("runs", PAGE - FIRST_RUNS);
    if (timeline?.next && timeline.items.length <= FIRST_EVENTS) await this.more("timeline");
  }

  /** The page is looked at again, back from the cache, or the network returned. */
  wake() {
    clearTimeout(this.#rest);
    this.#stream?.start();
    this.#stream?.wake();
  }

  lose() {
    this.#stream?.lose();
  }

  /** Nobody looks: when nothing is at work either, the connection is given up, for a browser has few of them per server. */
  hide() {
    this.#rest = setTimeout(
      () => this.store.state.runs?.items.every(isSettled) && this.#stream?.stop(),
      REST_AFTER_HIDDEN,
    );
  }

  pause() {
    this.#stream?.stop();
  }

  async #load(threadId, known, wanted) {
    const timeline = await this.backend.listOfThread(threadId, "timeline", { limit: FIRST_EVENTS });
    const reading = this.backend.listOfThread(threadId, "runs", { limit: FIRST_RUNS });
    const [runs, run, thread, comments, tasks] = await Promise.all([
      reading,
      known ?? reading.then(({ items: [newest] }) => newest && this.backend.getRun(newest.run_id)),
      this.backend.getThread(threadId),
      this.backend.listOfThread(threadId, "comments"),
      this.backend.listOfThread(threadId, "tasks", { limit: 200 }),
    ]);
    if (!wanted()) return;
    this.store.dispatch({ type: "thread_loaded", thread, lists: { timeline, runs, comments, tasks } });
    this.#take(run);
    this.#stream = new LiveStream({
      url: this.backend.eventsUrl(threadId),
      position: timeline.items[0]?.global_position ?? 0,
      onItem: (item) => this.#happened(item),
      onDraft: (frame) => wanted() && this.store.dispatch({ type: "drafted", frame }),
      onState: (live) => wanted() && this.#changed(live),
    });
    this.#stream.start();
    insist(() => this.reveal(thread), wanted).catch(asProblem);
  }

  #changed(live) {
    this.store.dispatch({ type: "live_changed", live, words: words.live.told[live] });
    if (live === "refused") this.store.dispatch({ type: "session_lost" });
  }

  #happened(item) {
    this.backend.api.firstLook.forget();
    this.store.dispatch({ type: "happened", item });
    const type = item.event_type;
    if (type === "ContentErased") return this.#again();
    if (type.startsWith("Comment")) this.refresher.ask("comments");
    else if (type.startsWith("Task")) this.refresher.ask("tasks");
    else if (type.startsWith("Thread")) this.refresher.ask("thread");
    else if (runOf(item)) this.refresher.ask(runOf(item));
  }

  /** Reads all of the thread anew, for what was erased is not to stand here any longer, either. */
  #again() {
    const { threadId } = this.store.state;
    this.leave();
    return this.open(threadId);
  }

  async #refresh(key) {
    const { threadId } = this.store.state;
    const wanted = () => this.store.state.threadId === threadId;
    try {
      await insist(() => this.#read(key, threadId, wanted), wanted);
    } catch (error) {
      asProblem(error);
    }
  }

  async #read(key, threadId, wanted) {
    if (key === "thread") {
      const thread = await this.backend.getThread(threadId);
      this.store.dispatch({ type: "thread_saved", thread });
    } else if (key === "comments" || key === "tasks") {
      const page = await this.backend.listOfThread(threadId, key);
      if (wanted()) this.store.dispatch({ type: "head_loaded", list: key, page });
    } else this.#take(await this.backend.getRun(key));
  }

  #take(run) {
    if (run) this.store.dispatch({ type: "run_loaded", run, words: words.run.told(run.number, run.status) });
  }

  /** Turns to a version that was asked for here; whoever has gone to another thread meanwhile stays there. */
  #show(run) {
    if (run?.thread_id !== this.store.state.threadId) return;
    this.#take(run);
    this.go(runHash(run.run_id));
  }

  #fillShownRun(state) {
    const runId = shownRunId(state);
    const known = state.runs?.items.some((run) => run.run_id === runId);
    if (!known || state.runDetails[runId] || this.#asked === runId) return;
    this.#asked = runId;
    this.refresher.ask(runId);
  }
}
