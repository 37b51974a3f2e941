/** A Markdown text with its preview; what is typed is kept in this tab until it is saved. */

import { Part } from "../lib/element.js";
import { button, html, icon, live, nothing, problemBox, still } from "../lib/html.js";
import { renderMarkdown } from "../lib/markdown.js";
import { tongueOf } from "../lib/tongue.js";
import { language } from "../lib/words.js";
import tables from "../lib/words/editor.js";

const said = tables[language];
const REST = 150;

class EditorPane extends Part {
  #shown = null;
  #timer = 0;

  update(state) {
    const fresh = !this.querySelector("textarea");
    super.update(state);
    if (state.editor?.status === "ready") this.#follow(state.editor.text);
    if (fresh) this.#begin();
  }

  view({ editor, busy, problems, runDetails }) {
    const { file, status, text, original, restored } = editor;
    const number = runDetails[file.run_id]?.number ?? "";
    if (status === "failed") return html`${problemBox(editor.problem)} ${button(said.cancel, () => this.#stop())}`;
    if (status === "loading") return html`<p class="quiet">${said.loading}</p>`;
    const dirty = text !== original;
    return html`<section class="editor" aria-labelledby="editor-title">
      <header class="editor-head">
        <h2 id="editor-title">${said.title(file.name)}</h2>
        <p class="quiet" data-dirty=${String(dirty)}>${dirty ? said.dirty : said.clean}</p>
        <div class="row">
          ${button(said.cancel, () => this.#stop(), { action: "stop-editing" })}
          <button
            class="button primary"
            type="button"
            data-action="save"
            aria-keyshortcuts="Control+Enter Meta+Enter"
            aria-disabled=${still(busy.editor || !dirty)}
            @click=${() => this.intend("editor_saved")}
          >
            ${icon("check")}${said.save}
          </button>
        </div>
      </header>
      ${restored && dirty ? html`<p class="callout">${icon("retry")}<span>${said.restored}</span></p>` : nothing}
      <p class="quiet">${said.hint(number)}</p>
      ${problemBox(problems.editor)}
      <div class="editor-panes">
        <div class="field">
          <label for="editor-text">${said.text}</label>
          <textarea
            dir="auto"
            id="editor-text"
            lang=${tongueOf(original) ?? nothing}
            spellcheck="true"
            maxlength="500000"
            .value=${live(text)}
            @input=${({ target }) => this.intend("editor_typed", { text: target.value })}
            @keydown=${(event) => this.#key(event, dirty)}
          ></textarea>
        </div>
        <div class="field">
          <p class="label" id="editor-preview">${said.preview}</p>
          <div class="editor-preview" tabindex="0" role="group" aria-labelledby="editor-preview"></div>
        </div>
      </div>
    </section>`;
  }

  /** One begins at the beginning. */
  #begin() {
    const field = this.querySelector("textarea");
    field?.setSelectionRange(0, 0);
    field?.focus();
  }

  #key(event, dirty) {
    if (event.key === "Escape") this.#stop();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && dirty) this.intend("editor_saved");
  }

  #stop() {
    this.intend("editor_closed");
  }

  /** The preview follows a little behind the hand, for a long text takes longer to render than a key to press. */
  #follow(text) {
    if (text === this.#shown) return;
    clearTimeout(this.#timer);
    if (this.#shown === null) this.#draw(text);
    else this.#timer = setTimeout(() => this.#draw(text), REST);
  }

  #draw(text) {
    this.#shown = text;
    this.querySelector(".editor-preview")?.replaceChildren(renderMarkdown(text));
  }
}

customElements.define("vm-editor-pane", EditorPane);
