/** The deliverable: what stands in the centre of the page, with what one can do with it. */

import { isFormatted, nameOf, viewOf } from "../lib/file.js";
import { Part } from "../lib/element.js";
import { html, icon, nothing, problemBox } from "../lib/html.js";
import { compareHash } from "../lib/router.js";
import { isGone, shownDraft } from "../lib/shown.js";
import { words } from "../lib/words.js";
import { besides, fileContent } from "./content.js";
import { handing } from "./handing.js";

const said = words.reader;

class Reader extends Part {
  update(state, backend) {
    this.backend = backend;
    super.update(state);
  }

  view(state) {
    const { reader } = state;
    if (!reader || shownDraft(state)) return nothing;
    const { file } = reader;
    const run = state.runDetails[file.run_id];
    const stage = run?.stages.find(({ stage_key: key }) => key === file.stage_key);
    const gone = isGone(state, file);
    const about = { state, run, stage, file, view: viewOf(file), url: this.backend.fileUrl(file) };
    return html`<section class="reader" aria-labelledby="reader-title" data-status=${reader.status} data-view=${about.view}>
      <header class="reader-head">
        <h3 class="reader-name" id="reader-title">${file.name}</h3>
        <div class="row reader-tools">${gone ? nothing : this.#tools(about)}</div>
      </header>
      ${(reader.origin && !gone && besides("origin", { ...about, copy: (text, done) => this.intend("copied", { text, done }) })) || nothing}
      <div class="reader-body" aria-busy=${reader.status === "loading"}>${this.#body(about)}</div>
    </section>`;
  }

  #body({ state: { reader }, run, stage, file, view, url }) {
    if (reader.status === "failed") return besides("unreadable", reader.problem, run, () => this.intend("reader_again")) ?? problemBox(reader.problem);
    if (view === null) return html`<p class="quiet">${said.notText}</p>`;
    if (view === "large") return html`<p class="quiet">${said.tooLarge}</p>`;
    if (reader.status === "loading") return html`<p class="quiet reader-wait">${said.loading}</p>`;
    if (!["csv", "image"].includes(view) && !reader.text.trim()) return html`<p class="quiet">${said.empty}</p>`;
    const findImage = (href) => this.#imageUrl(run, stage, href);
    return fileContent(reader.raw ? "text" : view, reader.text, { file, url, findImage });
  }

  #tools(about) {
    const { state, file, view } = about;
    const { reader } = state;
    const ready = reader.status === "ready";
    return [
      ready && isFormatted(view) ? this.#toggle("source", said.raw, reader.raw, "reader_raw") : nothing,
      ready && view !== "image" ? this.#copy(reader.text) : nothing,
      this.#compare(about),
      this.#toggle("origin", said.origin, reader.origin, "origin_toggled"),
      handing(about, {
        backend: this.backend,
        print: () => print(),
        word: () => this.intend("docx_wanted", { file }),
        copy: (text, done) => this.intend("copied", { text, done }),
      }),
    ];
  }

  #toggle(name, label, on, type) {
    return html`<button class="button ghost small words tool" type="button" title=${label} data-action=${name} aria-pressed=${Boolean(on)} @click=${() => this.intend(type)}>
      ${icon(name)}<span class="tool-label">${label}</span>
    </button>`;
  }

  #copy(text) {
    const act = ({ currentTarget }) =>
      this.intend("copied", { content: this.#rich(), text, done: () => flash(currentTarget) });
    return html`<button class="button ghost small words tool" type="button" title=${said.copy} data-action="copy" @click=${act}>
      ${icon("copy")}<span class="tool-label">${said.copy}</span><span class="visually-hidden" role="status"></span>
    </button>`;
  }

  /** What is copied as formatted text: a document or a table, for the rest has no form that others know. */
  #rich() {
    return this.querySelector(".reader-body .prose, .reader-body .sheet");
  }

  /** A way to see what differs from the version that this one goes on from, or else from the one before it; the newer one stands on the right. */
  #compare({ state: { runs }, run, file }) {
    const others = runs?.items.filter((row) => row.run_id !== run?.run_id && row.stages_done > 0) ?? [];
    const parent = others.find(({ run_id: id }) => id === run?.forked_from?.run_id);
    const other = parent ?? others.find(({ number }) => number < run?.number) ?? others[0];
    if (!run || !other) return nothing;
    const [newer, older] = other.number > run.number ? [other, run] : [run, other];
    return html`<a class="button ghost small words tool" data-action="compare" title=${said.compare} href=${compareHash(newer.run_id, older.run_id, file)}>
      ${icon("compare")}<span class="tool-label">${said.compare}</span>
    </a>`;
  }

  /** A picture that the same stage published beside the text; nothing is loaded from anywhere else. */
  #imageUrl(run, stage, href) {
    const artifact = stage?.artifacts.find((one) => nameOf(one) === href.replace(/^(\.\/|artifacts\/)/, ""));
    if (!artifact || viewOf({ ...artifact, name: nameOf(artifact) }) !== "image") return null;
    return this.backend.fileUrl({ run_id: run.run_id, stage_key: stage.stage_key, name: nameOf(artifact) });
  }
}

customElements.define("vm-reader", Reader);

/** Says for a moment that it was copied, to the eye and to the ear. */
function flash(button) {
  const status = button.querySelector("[role=status]");
  button.dataset.copied = "true";
  status.textContent = said.copied;
  setTimeout(() => {
    delete button.dataset.copied;
    status.textContent = "";
  }, 1500);
}
