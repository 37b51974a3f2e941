/** Opening a file in the reader: what can be shown as text is fetched, the rest is offered as a download. */

import { asProblem } from "./perform.js";
import { sameFile } from "./reduce.js";
import { nameOf, shownFile } from "./shown.js";

export { nameOf };

const LARGEST_SHOWN = 2_000_000;
const TEXT = /^text\/|json|xml|yaml|calendar/;

/** How a file is shown: markdown, csv, json, text, or null when it cannot be. */
export function viewOf({ name, media_type: type = "", size = 0 }) {
  if (size > LARGEST_SHOWN) return "large";
  if (type === "text/markdown" || /\.(md|markdown)$/i.test(name)) return "markdown";
  if (type === "text/csv" || /\.csv$/i.test(name)) return "csv";
  if (/json/.test(type) || /\.json$/i.test(name)) return "json";
  return TEXT.test(type) || /\.(txt|ics|ya?ml|xml)$/i.test(name) ? "text" : null;
}

export class Reading {
  #controller = null;

  constructor({ store, backend }) {
    Object.assign(this, { store, backend });
    store.subscribe((state) => this.#follow(state));
  }

  /** Keeps the file that belongs in the centre open, as soon as the page knows the run it belongs to. */
  #follow(state) {
    const file = shownFile(state);
    if (!file && state.reader) return void this.store.dispatch({ type: "reader_left" });
    const run = file && state.runDetails[file.run_id];
    if (!run || sameFile(state.reader?.file, file)) return;
    const stage = run.stages.find(({ stage_key: key }) => key === file.stage_key);
    this.#open(
      file,
      stage?.artifacts.find((artifact) => nameOf(artifact) === file.name),
    );
  }

  async #open(file, artifact) {
    this.#controller?.abort();
    this.#controller = new AbortController();
    this.store.dispatch({ type: "reader_opened", file: { ...file, ...artifact } });
    const view = viewOf({ ...artifact, name: file.name });
    if (!view || view === "large") return;
    try {
      const text = await this.backend.readFile(file, { signal: this.#controller.signal });
      this.store.dispatch({ type: "reader_filled", file, text });
    } catch (error) {
      if (error.name !== "AbortError") this.store.dispatch({ type: "reader_failed", file, problem: asProblem(error) });
    }
  }
}
