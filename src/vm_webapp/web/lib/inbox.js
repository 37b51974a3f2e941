/** Everything that waits for a person, across threads: kept true while somebody looks, with the text of what is chosen. */

import { asProblem, perform, Refresher } from "./perform.js";
import { nameOf } from "./reading.js";
import { LiveStream } from "./sse.js";
import { words } from "./words.js";

const CHANGES_IT = /^(Approval|Task|WorkflowRun(Waiting|Completed|Failed|Canceled))/;

export class Inbox {
  #position = 0;
  #now = 0;
  #stream = null;
  #asked = new Set();

  constructor({ store, backend, deciding }) {
    Object.assign(this, { store, backend, deciding });
    this.refresher = new Refresher(() => this.#read());
    store.follow((state) => this.#follow(state));
  }

  /** Reads it again; what is asked for meanwhile is one more read. */
  refresh() {
    return this.refresher.ask("inbox");
  }

  async more() {
    const { inbox } = this.store.state;
    const page = await perform(this.store, "inbox", () => this.backend.listInbox({ after: inbox.next }));
    if (page) this.store.dispatch({ type: "inbox_loaded", page: { ...page, items: [...inbox.items, ...page.items] } });
  }

  /** A task is done where it is listed. */
  async complete({ item }) {
    if (await perform(this.store, "task", () => this.backend.completeTask(item.item_id))) await this.refresh();
  }

  /** Live while the inbox is open: then no thread is, and the connection is free. */
  enter() {
    this.refresh();
    this.#stream ??= new LiveStream({
      url: this.backend.allEventsUrl(),
      position: null,
      onItem: ({ event_type: type }) => CHANGES_IT.test(type) && this.refresh(),
      onState: (live) => {
        this.store.dispatch({ type: "live_changed", live, words: words.live.told[live] });
        if (live === "live") this.refresh();
      },
    });
    this.#stream.start();
  }

  /** The page is looked at again. */
  wake() {
    this.refresh();
    this.#stream?.wake();
  }

  leave() {
    this.#stream?.stop();
    this.#stream = null;
  }

  #follow(state) {
    const newest = state.timeline?.items[0];
    if (newest && newest.global_position > this.#position) {
      const first = !this.#position;
      this.#position = newest.global_position;
      if (!first && CHANGES_IT.test(newest.event_type)) this.refresh();
    }
    if (state.now !== this.#now) {
      this.#now = state.now;
      if (state.inbox) this.refresh();
    }
    if (state.route.name === "inbox") this.#fill(state);
  }

  /** The run and the text of what is chosen; the digest on show is noted as everywhere. */
  #fill(state) {
    const item = state.inbox?.items.find(({ item_id: id }) => id === state.inboxAt);
    if (!item || item.kind !== "approval") return;
    const known = state.inboxRuns[item.run_id];
    const stage = known?.run.stages.find(({ stage_key: key }) => key === item.stage_key);
    if (stage) this.deciding.note(state, known.run, stage);
    if (stage && known.texts[item.stage_key] !== undefined) return;
    if (this.#asked.has(item.item_id)) return;
    this.#asked.add(item.item_id);
    this.#load(item).catch((error) => {
      asProblem(error);
      this.#asked.delete(item.item_id);
    });
  }

  async #load({ run_id: runId, stage_key: stageKey }) {
    const run = await this.backend.getRun(runId);
    const stage = run.stages.find(({ stage_key: key }) => key === stageKey);
    const file = stage?.artifacts.find(({ path }) => path.endsWith(".md"));
    const name = file && nameOf(file);
    const text = file ? await this.backend.readFile({ run_id: runId, stage_key: stageKey, name }) : null;
    this.store.dispatch({ type: "inbox_run_loaded", run, text: { [stageKey]: text } });
  }

  async #read() {
    try {
      this.store.dispatch({ type: "inbox_loaded", page: await this.backend.listInbox() });
    } catch (error) {
      asProblem(error);
    }
  }
}
