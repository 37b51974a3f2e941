/** Two versions of a thread side by side: both are read, cut into parts, and compared in a worker. */

import { nameOf, viewOf } from "./file.js";
import { placeOf } from "./deciding_state.js";
import { asProblem } from "./perform.js";
import { shownFile } from "./shown.js";
import { Problem } from "./api.js";
import { words } from "./words.js";

const COMPARED = new Set(["markdown", "csv", "calendar", "json", "text"]);

export class Comparing {
  #asked = new Set();
  #live = null;

  constructor({ store, backend, all }) {
    Object.assign(this, { store, backend, all });
    store.follow((state) => this.#follow(state));
    this.#follow(store.state);
  }

  /** A comparison that the server did not give is made again when the page is live again. */
  #follow(state) {
    const back = state.live === "live" && this.#live !== "live";
    this.#live = state.live;
    const { compare } = state.route;
    if (!compare || !state.thread) {
      if (state.comparison) this.store.dispatch({ type: "comparison_left" });
      return;
    }
    const runIds = [compare.with, state.route.run_id];
    const [older, newer] = runIds.map((runId) => state.runDetails[runId]);
    const key = [...runIds, compare.stage_key, compare.name].join(" ");
    const { comparison } = state;
    const over = comparison && (comparison.key !== key || (back && comparison.problem?.open));
    if (over) this.store.dispatch({ type: "comparison_left" });
    if (comparison) return;
    if (older && newer) this.#open(key, { state, older, newer });
    else this.#ask(key, runIds.filter((runId) => !state.runDetails[runId]));
  }

  /** Reads versions that the page does not know yet; one of another thread cannot be compared with this one. */
  async #ask(key, runIds) {
    const wanted = runIds.filter((runId) => !this.#asked.has(runId));
    for (const runId of wanted) this.#asked.add(runId);
    try {
      for (const run of await Promise.all(wanted.map((runId) => this.backend.getRun(runId)))) this.#take(run);
    } catch (error) {
      this.store.dispatch({ type: "comparison_opened", key, file: null });
      this.store.dispatch({ type: "comparison_failed", key, problem: asProblem(error) });
    } finally {
      for (const runId of wanted) this.#asked.delete(runId);
    }
  }

  #take(run) {
    if (run.thread_id !== this.store.state.threadId) throw new Problem({ status: 404, code: "not_found" });
    this.store.dispatch({ type: "run_loaded", run, words: words.run.told(run.number, run.status) });
  }

  async #open(key, { state, older, newer }) {
    const file = chosenFile(state, older, newer);
    this.store.dispatch({ type: "comparison_opened", key, file });
    this.all(); // every version can be chosen
    try {
      this.#readManifests(state, [older, newer]);
      const found = file?.older && file.newer ? await this.#compare(file, older, newer) : {};
      this.store.dispatch({ type: "comparison_done", key, found });
    } catch (error) {
      this.store.dispatch({ type: "comparison_failed", key, problem: asProblem(error) });
    }
  }

  async #compare(file, older, newer) {
    const requests = [older.request_text, newer.request_text];
    const unfit = [file.older, file.newer].some((artifact) => !COMPARED.has(viewOf({ ...artifact, name: file.name })));
    if (unfit) return { unfit: true };
    const view = viewOf({ ...file.newer, name: file.name });
    const texts = await Promise.all(
      [older, newer].map(({ run_id: runId }) => this.backend.readFile({ ...file, run_id: runId })),
    );
    // The heavy parts are loaded when somebody compares for the first time.
    const { unitsOf } = await import("./units.js");
    const [one, other] = await Promise.all(texts.map((text) => unitsOf(view, text)));
    const found = await compareAside([one, other].map((units) => units.map(({ text }) => text)), { loose: view === "markdown", requests });
    return { ...found, view, older: one, newer: other, identical: texts[0] === texts[1] };
  }

  /** What was written down about the stages, for the instructions that a model was given. */
  async #readManifests({ manifests }, runs) {
    for (const { run_id: runId, stages } of runs) {
      const published = stages.filter(({ manifest_sha256: digest }) => digest);
      if (published.every(({ stage_key: key }) => manifests[placeOf(runId, key)])) continue;
      try {
        this.store.dispatch({ type: "manifests_loaded", runId, stages: await this.backend.listManifests(runId) });
      } catch (error) {
        asProblem(error);
      }
    }
  }
}

/** The files of two versions, by stage and name: `{stage_key, title, name, older, newer}`; null where a version has none. */
export function filesOf(older, newer) {
  const files = new Map();
  for (const [side, run] of Object.entries({ newer, older }))
    for (const stage of run.stages)
      for (const artifact of stage.artifacts) {
        const name = nameOf(artifact);
        const key = placeOf(stage.stage_key, name);
        const known = files.get(key) ?? { stage_key: stage.stage_key, title: stage.title, name, older: null, newer: null };
        files.set(key, { ...known, [side]: artifact });
      }
  return [...files.values()];
}

/** The file that the address names, else the one that was being read, else the last that both have. */
function chosenFile(state, older, newer) {
  const files = filesOf(older, newer);
  const find = (wanted) => files.find((file) => file.stage_key === wanted?.stage_key && file.name === wanted?.name);
  const both = files.filter((file) => file.older && file.newer);
  const named = state.route.compare.name ? find(state.route.compare) : null;
  const document = both.findLast((file) => viewOf({ ...file.newer, name: file.name }) === "markdown");
  return named ?? find(shownFile(state)) ?? document ?? both.at(-1) ?? files[0] ?? null;
}

function compareAside([older, newer], options) {
  const worker = new Worker(new URL("./diff_worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || "The comparison could not be started."));
    worker.postMessage({ older, newer, ...options });
  }).finally(() => worker.terminate());
}
