/** Opening a file in the reader: what can be shown is fetched, the rest is offered as a download. */

import { nameOf, sameFile, viewOf } from "./file.js";
import { asProblem, perform } from "./perform.js";
import { placeOf } from "./deciding_state.js";
import { shownFile } from "./shown.js";
import { words } from "./words.js";

export { nameOf, viewOf };

export class Reading {
  #controller = null;
  #live = null;

  /** `prepare` loads what a view needs before the text is shown in it. */
  constructor({ store, backend, prepare }) {
    Object.assign(this, { store, backend, prepare });
    store.follow((state) => this.#follow(state));
  }

  /** Shows how the file was made, or hides it; what was written down about it is read when it is first asked for. */
  async toggleOrigin() {
    await this.prepare("origin");
    this.store.dispatch({ type: "origin_toggled" });
    const { reader, manifests } = this.store.state;
    const { run_id: runId, stage_key: stageKey } = reader.file;
    if (!reader.origin || manifests[placeOf(runId, stageKey)]) return;
    const stages = await this.backend.listManifests(runId);
    this.store.dispatch({ type: "manifests_loaded", runId, stages });
  }

  /** Copies a document as formatted and as plain text, or a text alone; says whether it could. */
  async copy({ content, text, done }) {
    const { copyRich, copyText } = await import("./handing.js");
    const copied = content ? await copyRich(content, text) : await copyText(text);
    if (copied) done();
    else this.#say({ text: words.handing.refused, hint: words.handing.refusedHint });
  }

  /** Saves a Markdown file as a Word document. */
  async saveWord({ file }) {
    const saved = await perform(this.store, "docx", () => this.backend.exportFile(file, "docx"));
    const { saveBlob } = await import("./handing.js");
    if (saved) return void saveBlob(saved, file.name.replace(/\.(md|markdown)$/i, "") + ".docx");
    const { status, text, hint } = this.store.state.problems.docx ?? {};
    const missing = status === 404 || status === 501;
    this.#say(missing ? { text: words.handing.noWord, hint: words.handing.noWordHint } : { text, hint });
    return undefined;
  }

  #say(notice) {
    this.store.dispatch({ type: "noticed", notice });
  }

  /** Reads the file that could not be read once more. */
  again() {
    const { reader } = this.store.state;
    if (reader?.status === "failed") this.#open(reader.file, reader.file);
  }

  /**
   * Keeps the file that belongs in the centre open, as soon as the page knows the run it belongs to; one that the server
   * did not give is read again when the page is live again.
   */
  #follow(state) {
    const back = state.live === "live" && this.#live !== "live";
    this.#live = state.live;
    const file = shownFile(state);
    if (!file && state.reader) return void this.store.dispatch({ type: "reader_left" });
    const run = file && state.runDetails[file.run_id];
    if (!run) return undefined;
    if (sameFile(state.reader?.file, file)) return void (back && state.reader.problem?.open && this.again());
    const stage = run.stages.find(({ stage_key: key }) => key === file.stage_key);
    const artifact = stage?.artifacts.find((one) => nameOf(one) === file.name);
    return void this.#open(file, artifact);
  }

  async #open(file, artifact) {
    this.#controller?.abort();
    this.#controller = new AbortController();
    this.store.dispatch({ type: "reader_opened", file: { ...file, ...artifact } });
    const view = viewOf({ ...artifact, name: file.name });
    if (!view || view === "large") return;
    try {
      const { signal } = this.#controller;
      const [text] = await Promise.all([
        view === "image" ? "" : this.backend.readFile(file, { signal }),
        this.prepare(view),
      ]);
      this.store.dispatch({ type: "reader_filled", file, text });
    } catch (error) {
      if (error.name === "AbortError") return;
      await this.prepare("unreadable").catch(asProblem);
      this.store.dispatch({ type: "reader_failed", file, problem: asProblem(error) });
    }
  }
}
