/** JSON as a tree that opens by level; what is closed costs nothing, long lists come by the hundred. */

import { button, html, nothing, render } from "../lib/html.js";
import { tongueOf } from "../lib/tongue.js";
import { language, words } from "../lib/words.js";
import tables from "../lib/words/tree.js";

const said = tables[language];
const OPEN_LEVELS = 2;
const OPEN_ITEMS = 12;
const STEP = 100;
const LONGEST_HINT = 80;

/** The tree, or the text as it is where it does not read as JSON. */
export function show(text) {
  try {
    return html`<vm-tree .tongue=${tongueOf(text)} .value=${{ root: JSON.parse(text) }}></vm-tree>`;
  } catch {
    return html`<p class="quiet">${words.reader.notJson}</p>
      <pre class="plain" dir="auto">${text}</pre>`;
  }
}

class Tree extends HTMLElement {
  #root = null;
  #open = new Map();
  #shown = new Map();
  #usually = null;

  set value({ root }) {
    this.#root = root;
    this.#render();
  }

  #render() {
    render(
      html`<div class="row tree-tools">
          ${button(said.openAll, () => this.#all(true), { kind: "small" })}
          ${button(said.closeAll, () => this.#all(false), { kind: "small" })}
        </div>
        <ul class="tree" lang=${this.tongue ?? nothing}>
          ${this.#node(null, this.#root, "$", 0)}
        </ul>`,
      this,
    );
  }

  #all(open) {
    this.#open.clear();
    this.#usually = open;
    this.#render();
  }

  #node(key, value, path, level) {
    const name = key === null ? nothing : named(key);
    if (value === null || typeof value !== "object") return html`<li class="tree-leaf">${name}${leaf(value)}</li>`;
    const entries = Array.isArray(value) ? value.map((item, at) => [at + 1, item]) : Object.entries(value);
    if (!entries.length) return html`<li class="tree-leaf">${name}<span class="quiet">${said.empty}</span></li>`;
    const open = this.#isOpen(path, level, entries.length);
    const toggle = (event) => {
      if (event.target.open === this.#isOpen(path, level, entries.length)) return;
      this.#open.set(path, event.target.open);
      this.#render();
    };
    return html`<li>
      <details ?open=${open} @toggle=${toggle}>
        <summary>${key === null ? named(said.all) : name}${hint(value, entries)}</summary>
        ${open ? this.#children(entries, path, level) : nothing}
      </details>
    </li>`;
  }

  #isOpen(path, level, length) {
    return this.#open.get(path) ?? this.#usually ?? (level < OPEN_LEVELS && (level === 0 || length <= OPEN_ITEMS));
  }

  #children(entries, path, level) {
    const shown = this.#shown.get(path) ?? STEP;
    const more = () => {
      this.#shown.set(path, shown + STEP);
      this.#render();
    };
    return html`<ul>
      ${entries.slice(0, shown).map(([key, item], at) => this.#node(key, item, `${path}/${at}`, level + 1))}
      ${entries.length > shown ? html`<li>${button(said.more(entries.length - shown), more, { kind: "small" })}</li>` : nothing}
    </ul>`;
  }
}

customElements.define("vm-tree", Tree);

/** A name and what is behind it are two words, also to the ear, on the clipboard and where both run from right to left. */
function named(key) {
  return html`<span class="tree-key" dir="auto">${key}</span><span class="quiet">: </span>`;
}

function leaf(value) {
  const kind = value === null ? "null" : typeof value;
  return html`<span class="tree-value" dir="auto" data-kind=${kind}>${kind === "string" ? value : String(value)}</span>`;
}

/** What is inside, for one who has not opened it: its own title where it has one, and how much there is. */
function hint(value, entries) {
  const title = ["title", "name", "label"].map((key) => value[key]).find((text) => typeof text === "string");
  const amount = Array.isArray(value) ? said.items(entries.length) : said.fields(entries.length);
  return html`<span class="quiet tree-hint">${title?.slice(0, LONGEST_HINT) ?? amount}</span>`;
}
