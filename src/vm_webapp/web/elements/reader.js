/** The pane in which a file is read; beside the versions where there is room, above them where there is not. */

import { Part } from "../lib/element.js";
import { downloadLink, html, icon, iconButton, nothing, problemBox } from "../lib/html.js";
import { sameFile } from "../lib/reduce.js";
import { nameOf, viewOf } from "../lib/reading.js";
import { fileHash } from "../lib/router.js";
import { versionOf } from "../lib/timeline.js";
import { words } from "../lib/words.js";
import { fileContent } from "./content.js";

const said = words.reader;
const FORMATTED = new Set(["markdown", "csv", "json"]);
const covers = matchMedia("(width < 80rem)");

class Reader extends Part {
  #file = null;
  #opener = null;

  connectedCallback() {
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.intend("reader_closed"));
    covers.addEventListener("change", () => this.#cover());
  }

  update(state, backend) {
    this.backend = backend;
    const file = state.reader?.file ?? null;
    const changed = !sameFile(file, this.#file);
    if (file && !this.#file) this.#opener = document.activeElement;
    this.#file = file;
    super.update(state);
    if (!changed) return;
    this.#cover();
    if (file) this.querySelector("h2").focus();
    else this.#return();
  }

  view(state) {
    const { reader } = state;
    if (!reader) return nothing;
    const { file } = reader;
    const run = state.runDetails[file.run_id];
    const stage = run?.stages.find(({ stage_key: key }) => key === file.stage_key);
    const view = viewOf(file);
    return html`<section class="reader" role="region" aria-labelledby="reader-title" data-status=${reader.status}>
      <header class="reader-head">
        <div class="reader-name">
          <p class="quiet">${said.from(versionOf(file.run_id, state) ?? words.run.many, stage?.title ?? "")}</p>
          <h2 id="reader-title" tabindex="-1">${file.name}</h2>
        </div>
        <div class="row reader-tools">
          ${neighbours(run, file)} ${FORMATTED.has(view) ? this.#switch(reader.raw) : nothing}
          ${reader.status === "ready" ? copyButton(reader.text) : nothing}
          ${downloadLink(this.backend.fileUrl(file), file.name)}
          ${iconButton("x", said.close, () => this.intend("reader_closed"))}
        </div>
      </header>
      <div class="reader-body" tabindex="0" role="group" aria-label=${file.name}>${body(reader, view)}</div>
    </section>`;
  }

  #switch(raw) {
    return iconButton(raw ? "file-text" : "braces", raw ? said.formatted : said.raw, () => this.intend("reader_raw"));
  }

  /** Where the pane covers the page, the page behind it is out of reach. */
  #cover() {
    for (const region of document.querySelectorAll(".skip-link, header.top, nav.side, main, aside.beside"))
      region.inert = Boolean(this.#file) && covers.matches;
  }

  #return() {
    if (this.#opener?.isConnected) this.#opener.focus();
    this.#opener = null;
  }
}

customElements.define("vm-reader", Reader);

function body(reader, view) {
  if (reader.status === "failed") return problemBox(reader.problem);
  if (view === null) return html`<p class="quiet">${said.notText}</p>`;
  if (view === "large") return html`<p class="quiet">${said.tooLarge}</p>`;
  if (reader.status === "loading") return html`<p class="quiet">${said.loading}</p>`;
  return fileContent(reader.raw ? "text" : view, reader.text);
}

/** The files of the version in order, so that one can read on. */
function neighbours(run, file) {
  const all =
    run?.stages.flatMap((stage) =>
      stage.artifacts.map((artifact) => ({ run_id: run.run_id, stage_key: stage.stage_key, name: nameOf(artifact) })),
    ) ?? [];
  const at = all.findIndex((one) => sameFile(one, file));
  const link = (to, label, turn) =>
    to
      ? html`<a class="button ghost" href=${fileHash(to)} title="${label}: ${to.name}"
          >${html`<span class=${turn}>${icon("chevron")}</span>`}<span class="visually-hidden"
            >${label}: ${to.name}</span
          ></a
        >`
      : nothing;
  return [link(all[at - 1], said.previous, "turn-back"), link(at < 0 ? null : all[at + 1], said.next, "turn-on")];
}

function copyButton(text) {
  return iconButton("copy", said.copy, (event) => copy(event.currentTarget, text));
}

async function copy(button, text) {
  await navigator.clipboard?.writeText(text).catch(() => {});
  button.title = said.copied;
  button.dataset.copied = "true";
  setTimeout(() => {
    delete button.dataset.copied;
    button.title = said.copy;
  }, 1500);
}
