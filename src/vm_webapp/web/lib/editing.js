/**
 * Editing a Markdown deliverable. What is typed is kept in this tab until it is saved or thrown away: a reload brings it
 * back, and leaving asks first. Saving makes a new version; the old one stays as it is.
 */

import { asProblem, perform } from "./perform.js";
import { sameFile } from "./reduce.js";
import { fileHash, parseHash } from "./router.js";
import { shownFile, shownRun } from "./shown.js";

const KEY = "vm-edit";

export class Editing {
  #held = null;
  /** Files whose text was left to wait; nobody is asked again about such a one until more is typed. */
  #waiting = new Set();
  /** The place of the page's address in the browser's history, and how far from here it was wanted. */
  #at = history.state?.at ?? 0;
  #by = 0;

  constructor({ store, backend, go, show }) {
    Object.assign(this, { store, backend, go, show });
    history.replaceState({ at: this.#at }, "");
    store.follow((state) => this.#follow(state));
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
  }

  get dirty() {
    const { editor } = this.store.state;
    return editor?.status === "ready" && editor.text !== editor.original;
  }

  /** Opens a file's text; where this tab keeps one that was not saved, that one. */
  async open(file) {
    const kept = readKept(file);
    this.store.dispatch({ type: "editor_opened", editor: { file, status: "loading", text: "", restored: Boolean(kept) } });
    this.go(fileHash(file));
    try {
      const original = await this.backend.readFile(file);
      if (sameFile(this.store.state.editor?.file, file))
        this.store.dispatch({ type: "editor_filled", original, text: kept ?? original });
    } catch (error) {
      this.store.dispatch({ type: "editor_failed", problem: asProblem(error) });
    }
  }

  typed(text) {
    const { file } = this.store.state.editor;
    this.store.dispatch({ type: "editor_typed", text });
    this.#waiting.delete(nameFor(file));
    keep(file, this.dirty ? text : null);
  }

  async save() {
    const { file, text } = this.store.state.editor;
    const run = await perform(this.store, "editor", () =>
      this.backend.editStage(file.run_id, file.stage_key, { text }),
    );
    if (!run) return;
    keep(file, null);
    this.store.dispatch({ type: "editor_closed" });
    this.show(run);
  }

  /** Stops; asks first where something would be lost from sight. */
  close() {
    if (this.dirty) this.#ask(0);
    else this.store.dispatch({ type: "editor_closed" });
  }

  /** Whether the page must stay where it is because the text is not saved: goes back to it, and asks. */
  holds(hash) {
    const by = this.#step();
    const { editor } = this.store.state;
    if (!editor || sameFile(parseHash(hash).file, editor.file)) return false;
    if (!this.dirty || this.#waiting.has(nameFor(editor.file))) {
      this.store.dispatch({ type: "editor_closed" });
      return false;
    }
    history.go(-by);
    this.#ask(by);
    return true;
  }

  /** How far the address went in the browser's history; a new one is numbered. */
  #step() {
    const from = this.#at;
    this.#at = history.state?.at ?? from + 1;
    history.replaceState({ at: this.#at }, "");
    return this.#at - from || 1;
  }

  /** The answer: `stay`, `keep` (the text waits in this tab) or `discard`. */
  leave(how) {
    this.store.dispatch({ type: "dialog_closed", name: "leaving" });
    if (how === "stay") return;
    const { file } = this.store.state.editor;
    if (how === "discard") keep(file, null);
    else this.#waiting.add(nameFor(file));
    this.#held = file;
    this.store.dispatch({ type: "editor_closed" });
    if (this.#by) history.go(this.#by);
  }

  #ask(by) {
    this.#by = by;
    this.store.dispatch({ type: "dialog_opened", dialog: { name: "leaving" } });
  }

  /** A file whose text waits in this tab opens as it was left; not at once after one stepped out of it. */
  #follow({ route, editor, runDetails }) {
    if (!sameFile(route.file, this.#held)) this.#held = null;
    if (editor || !route.file || this.#held || !runDetails[route.file.run_id]) return;
    if (readKept(route.file) !== null) this.open(route.file);
  }
}

/** The file on show, where it can be edited: the Markdown of a stage that has published it; else null. */
export function editableFile(state) {
  const file = shownFile(state);
  const stage = shownRun(state)?.stages.find(({ stage_key: key }) => key === file?.stage_key);
  return stage?.manifest_sha256 && file.name.endsWith(".md") ? file : null;
}

const nameFor = ({ run_id: run, stage_key: stage, name }) => `${KEY}:${run}/${stage}/${name}`;

function readKept(file) {
  try {
    return sessionStorage.getItem(nameFor(file));
  } catch {
    return null;
  }
}

/** Storage may be full or switched off: then the text lives as long as the page does. */
function keep(file, text) {
  try {
    if (text === null) sessionStorage.removeItem(nameFor(file));
    else sessionStorage.setItem(nameFor(file), text);
  } catch {
    // Nothing to do about it, and nothing is lost yet.
  }
}
