/**
 * Rows of a long list that are filled as they are needed: the first ones and those in sight at once, the others in the
 * browser's spare time, a few milliseconds each, so that neither showing nor scrolling ever holds the page up.
 *
 * A row is an `<li>` under a stylesheet's `content-visibility: auto`: the browser says when one comes into sight. One that
 * is out of sight keeps what it showed until then.
 */

import { render } from "./html.js";

const AT_ONCE = 60;
const SLICE = 6;
const spare = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 16));

export class Filling {
  #rows = new Map();
  #byElement = new WeakMap();
  #empty = new Set();
  #waiting = false;

  /** `show(item, state)` is the markup of a row. */
  constructor(show) {
    this.show = show;
  }

  /** The rows of the items, in their order; `changed` says whether what surrounds the items means something else now. */
  rows(items, { keyOf, versionOf, changed, state }) {
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
      if (row.stale && (at < AT_ONCE || row.seen)) this.#fill(row);
      else if (!row.filled) this.#empty.add(row);
    });
    this.#proceed();
    return [...this.#rows.values()].map(({ element }) => element);
  }

  /** To be called with the list's `contentvisibilityautostatechange` events. */
  sight({ target, skipped }) {
    const row = this.#byElement.get(target);
    if (!row) return;
    row.seen = !skipped;
    if (row.seen && row.stale) this.#fill(row);
  }

  #make() {
    const row = { element: document.createElement("li"), stale: true, filled: false, seen: false };
    this.#byElement.set(row.element, row);
    return row;
  }

  #fill(row) {
    row.stale = false;
    row.filled = true;
    this.#empty.delete(row);
    render(this.show(row.item, this.state), row.element);
  }

  #proceed() {
    if (this.#waiting || !this.#empty.size) return;
    this.#waiting = true;
    spare(() => {
      this.#waiting = false;
      const until = performance.now() + SLICE;
      for (const row of this.#empty) {
        if (row.element.isConnected) this.#fill(row);
        else this.#empty.delete(row);
        if (performance.now() > until) break;
      }
      this.#proceed();
    });
  }
}
