/**
 * Rows of a long list that are filled as they are needed: the first ones and those in sight at once, the others in the
 * browser's spare time, a few milliseconds each, so that neither showing nor scrolling ever holds the page up.
 *
 * The rows stand in blocks, each an `<ol>` under a stylesheet's `content-visibility: auto`: the browser says when one comes
 * into sight. A row that is out of sight keeps what it showed until then.
 */

import { Blocks } from "./blocks.js";
import { render, repeat } from "./html.js";
import { spare } from "./lazily.js";

const AT_ONCE = 60;
const SLICE = 6;

export class Filling {
  #rows = new Map();
  #blocks = new Blocks();
  #lists = new Map();
  #byElement = new WeakMap();
  #due = new Set();
  #waiting = false;

  /** `show(item, state)` is the markup of a row, `name` the class of a block. */
  constructor(show, name) {
    Object.assign(this, { show, name });
  }

  /**
   * The blocks of the items, in their order; `changed` says whether what surrounds the items means something else now, and
   * `atOnce` how many are to be filled before anybody sees them.
   */
  blocks(items, { keyOf, versionOf, changed, state, atOnce = AT_ONCE }) {
    this.state = state;
    const known = this.#rows;
    this.#rows = new Map();
    items.forEach((item, at) => {
      const key = keyOf(item);
      const row = known.get(key) ?? this.#make();
      const version = versionOf(item);
      if (changed || row.version !== version) row.stale = true;
      Object.assign(row, { item, version });
      this.#rows.set(key, row);
      if (row.stale && (at < atOnce || row.list?.seen)) this.#fill(row);
      else if (row.stale && (at < AT_ONCE || !row.filled)) this.#due.add(row);
    });
    this.#proceed();
    return this.#place();
  }

  /** To be called with the list's `contentvisibilityautostatechange` events. */
  sight({ target, skipped }) {
    const list = this.#byElement.get(target);
    if (!list) return;
    list.seen = !skipped;
    if (list.seen) for (const row of list.rows) if (row.stale) this.#fill(row);
  }

  /** Puts every row into its block; a block whose rows are the same as before is left alone. */
  #place() {
    const blocks = this.#blocks.divide([...this.#rows.keys()]);
    const known = this.#lists;
    this.#lists = new Map();
    for (const [at, keys] of blocks.entries()) {
      const list = known.get(at ? keys[0] : null) ?? this.#begin();
      this.#lists.set(at ? keys[0] : null, list);
      const rows = keys.map((key) => this.#rows.get(key));
      if (rows.length === list.rows.length && rows.every((row, place) => row === list.rows[place])) continue;
      for (const row of rows) row.list = list;
      list.rows = rows;
      const elements = rows.map(({ element }) => element);
      render(repeat(elements, (element) => element, (element) => element), list.element);
    }
    return [...this.#lists.values()].map(({ element }) => element);
  }

  #begin() {
    const list = { element: document.createElement("ol"), rows: [], seen: false };
    list.element.className = this.name;
    this.#byElement.set(list.element, list);
    return list;
  }

  #make() {
    return { element: document.createElement("li"), list: null, stale: true, filled: false };
  }

  #fill(row) {
    row.stale = false;
    row.filled = true;
    this.#due.delete(row);
    render(this.show(row.item, this.state), row.element);
  }

  #proceed() {
    if (this.#waiting || !this.#due.size) return;
    this.#waiting = true;
    spare(() => {
      this.#waiting = false;
      const until = performance.now() + SLICE;
      for (const row of this.#due) {
        if (row.element.isConnected) this.#fill(row);
        else this.#due.delete(row);
        if (performance.now() > until) break;
      }
      this.#proceed();
    });
  }
}
