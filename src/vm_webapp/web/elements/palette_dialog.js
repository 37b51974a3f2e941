/** The command palette: a combobox over every verb of the page. */

import { Dialog } from "../lib/dialog.js";
import { fuzzyFilter } from "../lib/fuzzy.js";
import { html, icon, nothing, repeat } from "../lib/html.js";
import { allVerbs, searchVerb } from "../lib/verbs.js";
import { language, words } from "../lib/words.js";
import tables from "../lib/words/palette.js";

const said = tables[language];
const MOST = 60;

class PaletteDialog extends Dialog {
  #query = "";
  #at = 0;
  #verbs = [];

  view(state) {
    this.#verbs = [...fuzzyFilter(allVerbs(state), this.#query, partsOf).slice(0, MOST), searchVerb(this.#query.trim())];
    this.#at = Math.min(this.#at, this.#verbs.length - 1);
    return html`<dialog class="card palette" aria-label=${words.palette.open} @click=${(event) => event.target.localName === "dialog" && this.close()}>
      <div class="palette-field">
        ${icon("search")}
        <input
          dir="auto"
          id="palette-input"
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant="palette-${this.#at}"
          aria-label=${said.label}
          placeholder=${said.placeholder}
          autocomplete="off"
          spellcheck="false"
          maxlength="200"
          @input=${({ target }) => this.#type(target.value, state)}
          @keydown=${(event) => this.#key(event, state)}
        />
        <kbd aria-hidden="true">Esc</kbd>
      </div>
      <ul id="palette-list" role="listbox" aria-label=${said.list}>
        ${repeat(
          this.#verbs,
          ({ id }) => id,
          (verb, at) => this.#option(verb, at, state),
        )}
      </ul>
    </dialog>`;
  }

  #option({ title, hint, group, keys }, at, state) {
    return html`<li
      id="palette-${at}"
      role="option"
      data-verb=${this.#verbs[at].id}
      aria-selected=${String(at === this.#at)}
      @pointermove=${() => at !== this.#at && this.#turn(at, state)}
      @click=${() => this.#act(at)}
    >
      <span class="palette-title" dir="auto">${title}</span>
      <span class="quiet">${keys ? html`<kbd>${keys}</kbd>` : hint || said.groups[group] || nothing}</span>
    </li>`;
  }

  #type(query, state) {
    this.#query = query;
    this.#at = 0;
    this.update(state, this.backend);
    this.querySelector("[role=listbox]").scrollTop = 0;
  }

  #key(event, state) {
    const last = this.#verbs.length - 1;
    const to = {
      ArrowDown: this.#at === last ? 0 : this.#at + 1,
      ArrowUp: this.#at === 0 ? last : this.#at - 1,
      PageDown: Math.min(this.#at + 8, last),
      PageUp: Math.max(this.#at - 8, 0),
    }[event.key];
    if (to !== undefined) this.#turn(to, state);
    else if (event.key === "Enter" && !event.isComposing) this.#act(this.#at);
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) this.close();
    else return;
    event.preventDefault();
  }

  #turn(at, state) {
    this.#at = at;
    this.update(state, this.backend);
    this.querySelector(`#palette-${at}`)?.scrollIntoView({ block: "nearest" });
  }

  /** The palette goes away first, so that what is done may take the keyboard or open a dialog of its own. */
  #act(at) {
    const { act } = this.#verbs[at];
    const intend = (type, facts) =>
      document.dispatchEvent(new CustomEvent("intent", { detail: { type, ...facts } }));
    const dialog = this.querySelector("dialog");
    dialog.addEventListener("close", () => setTimeout(() => act(intend)));
    dialog.close();
  }
}

customElements.define("vm-palette-dialog", PaletteDialog);

const partsOf = ({ title, hint = "" }) => [title, hint];
