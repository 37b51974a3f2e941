/** Two texts side by side, changes marked by line and by sign; what is the same is folded, and keys lead from change to change. */

import { sleep } from "../lib/api.js";
import { button, html, iconButton, nothing, render } from "../lib/html.js";
import { foldSame, summaryOf } from "../lib/rows.js";
import { tongueOf } from "../lib/tongue.js";
import { mark } from "../lib/units.js";
import { language } from "../lib/words.js";
import tables from "../lib/words/compare.js";

const said = tables[language];
const BATCH = 40;
/** So many parts at a text's beginning tell its language. */
const PROBED = 40;

class Sides extends HTMLElement {
  #found = null;
  #names = [];
  #changes = new Map();
  #tongues = {};
  #at = -1;
  #open = false;

  connectedCallback() {
    this.addEventListener("keydown", ({ key, target, altKey, ctrlKey, metaKey }) => {
      if (altKey || ctrlKey || metaKey || target.matches("input, select, textarea")) return;
      if (key === "n" || key === "j") this.#go(1);
      if (key === "p" || key === "k") this.#go(-1);
    });
  }

  set comparison({ found, names }) {
    if (found === this.#found) return;
    [this.#found, this.#names, this.#at, this.#open] = [found, names, -1, false];
    this.#changes = new Map(found.rows.filter(({ kind }) => kind !== "same").map((row, at) => [row, at + 1]));
    for (const side of ["older", "newer"]) this.#tongues[side] = tongueOf(found[side].slice(0, PROBED).map(({ text }) => text).join(" "));
    this.#render();
    this.#fill();
  }

  #render() {
    const changes = this.#changes.size;
    render(
      html`<div class="sides-bar">
          <p class="sides-summary" role="status">${summaryOf(this.#found)}</p>
          ${changes ? this.#tools(changes) : nothing}
        </div>
        ${this.#found.rough ? html`<p class="quiet">${said.rough}</p>` : nothing}
        ${changes ? this.#sheet() : nothing}`,
      this,
    );
  }

  #tools(changes) {
    const toggle = () => {
      this.#open = !this.#open;
      for (const fold of this.querySelectorAll("details.fold")) fold.open = this.#open;
      this.#render();
    };
    return html`<div class="row">
      ${button(this.#open ? said.onlyChanges : said.showAll, toggle, { kind: "small", action: "fold" })}
      <span class="turn-back">${iconButton("chevron", said.previous, () => this.#go(-1), { size: "small", action: "previous-change" })}</span>
      <span class="quiet sides-at">${said.change(Math.max(this.#at + 1, 1), changes)}</span>
      <span class="turn-on">${iconButton("chevron", said.next, () => this.#go(1), { size: "small", action: "next-change" })}</span>
    </div>`;
  }

  #sheet() {
    return html`<div class="sides" data-view=${this.#found.view}>
      <div class="sides-names" aria-hidden="true"><p>${this.#names[0]}</p><p>${this.#names[1]}</p></div>
      <div class="sides-rows"></div>
    </div>`;
  }

  /** Row by row with pauses; each stretch of equal rows is one fold that is filled when it is opened. */
  async #fill() {
    const found = this.#found;
    const rows = this.querySelector(".sides-rows");
    if (!rows) return;
    rows.replaceChildren();
    const groups = foldSame(found.rows);
    for (let at = 0; at < groups.length; at += BATCH) {
      if (found !== this.#found) return;
      rows.append(...groups.slice(at, at + BATCH).map((group) => (group.fold ? this.#fold(group.fold) : this.#row(group.row))));
      await sleep(0);
    }
    this.dataset.filled = "true";
  }

  #fold(rows) {
    const fold = document.createElement("details");
    fold.className = "fold";
    fold.addEventListener("toggle", () => {
      if (fold.open && fold.childElementCount === 1) fold.append(...rows.map((row) => this.#row(row)));
    });
    render(html`<summary>${said.unchanged(rows.length)}</summary>`, fold);
    return fold;
  }

  #row(row) {
    const line = document.createElement("div");
    line.className = "sides-row";
    line.dataset.kind = row.kind;
    const number = this.#changes.get(row);
    if (number) Object.assign(line, { tabIndex: -1, role: "group", ariaLabel: said.change(number, this.#changes.size) });
    line.append(this.#side(row, "older", "del"), this.#side(row, "newer", "ins"));
    if (row.kind === "same") readOnce(line);
    return line;
  }

  #side(row, which, tag) {
    const { kind, marks, [which]: at } = row;
    const cell = document.createElement("div");
    cell.className = "half";
    cell.dataset.side = which;
    if (at === null) return cell;
    Object.assign(cell, { role: "group", ariaLabel: this.#names[which === "older" ? 0 : 1] });
    const { element, text } = this.#found[which][at];
    const body = element ?? Object.assign(document.createElement("pre"), { className: "plain", textContent: text });
    if (element) cell.classList.add("prose");
    if (this.#tongues[which]) body.lang = this.#tongues[which];
    cell.append(body);
    if (kind !== "same") mark(body, marks?.[which] ?? [[0, text.length]], tag);
    return cell;
  }

  #go(by) {
    const changes = [...this.querySelectorAll('.sides-row:not([data-kind="same"])')];
    if (!changes.length) return;
    this.#at = Math.min(Math.max(this.#at + by, 0), changes.length - 1);
    this.#render();
    changes[this.#at].scrollIntoView({ block: "center" });
    changes[this.#at].focus({ preventScroll: true });
  }
}

customElements.define("vm-sides", Sides);

/** What both versions say stands on either side for the eye; it is read out, and stepped through, once. */
function readOnce({ firstChild: older, lastChild: newer }) {
  older.ariaHidden = "true";
  for (const link of older.querySelectorAll("a, button, input, [tabindex]")) link.tabIndex = -1;
  newer.ariaLabel = said.both;
}
