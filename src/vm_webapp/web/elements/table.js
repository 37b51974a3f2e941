/** CSV as a table: a page of rows at a time, found by a word, sorted by a column; numbers stand to the right. */

import { parseCsv } from "../lib/csv.js";
import { compareCells, isAmount } from "../lib/cells.js";
import { button, html, icon, nothing, render } from "../lib/html.js";
import { tongueOf } from "../lib/tongue.js";
import { language } from "../lib/words.js";
import tables from "../lib/words/table.js";

const said = tables[language];
const PAGE = 100;
const FINDABLE = 12;
const LONG_CELL = 28;

export function show(text) {
  const rows = text.trim() ? parseCsv(text) : [];
  if (!rows.length) return html`<p class="quiet">${said.empty}</p>`;
  return html`<vm-table .tongue=${tongueOf(text)} .rows=${rows}></vm-table>`;
}

class Table extends HTMLElement {
  #head = [];
  #rows = [];
  #kinds = [];
  #page = 0;
  #sort = null;
  #wanted = "";

  set rows([head, ...rows]) {
    const width = rows.reduce((most, row) => Math.max(most, row.length), head.length);
    this.#head = Array.from({ length: width }, (_, at) => head[at] ?? "");
    this.#rows = rows;
    this.#kinds = this.#head.map((_, at) => kindOf(rows.slice(0, 500).map((row) => row[at] ?? "")));
    this.#render();
  }

  #render() {
    const rows = this.#chosen();
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    this.#page = Math.min(this.#page, pages - 1);
    const shown = rows.slice(this.#page * PAGE, (this.#page + 1) * PAGE);
    render(
      html`<div class="row table-tools">
          ${this.#rows.length >= FINDABLE ? this.#find() : nothing}
          <p class="quiet" role="status">
            ${said.rows(rows.length, this.#rows.length)}
          </p>
          ${pages > 1 ? this.#pager(pages, rows.length) : nothing}
        </div>
        <div class="scroller sheet" tabindex="0" role="group" aria-label=${said.title}>
          <table lang=${this.tongue ?? nothing}>
            <thead>
              <tr>
                ${this.#head.map((cell, at) => this.#column(cell, at))}
              </tr>
            </thead>
            <tbody>
              ${shown.map((row) => html`<tr>${this.#head.map((_, at) => this.#cell(row[at] ?? "", at))}</tr>`)}
            </tbody>
          </table>
        </div>`,
      this,
    );
  }

  #chosen() {
    const wanted = this.#wanted.toLowerCase();
    const found = wanted
      ? this.#rows.filter((row) => row.some((cell) => cell.toLowerCase().includes(wanted)))
      : this.#rows;
    if (!this.#sort) return found;
    const { at, down } = this.#sort;
    const sorted = found.toSorted((one, other) => compareCells(one[at] ?? "", other[at] ?? ""));
    return down ? sorted.reverse() : sorted;
  }

  #find() {
    const act = (event) => {
      this.#wanted = event.target.value.trim();
      this.#page = 0;
      this.#render();
    };
    return html`<label class="table-find"
      ><span class="visually-hidden">${said.find}</span
      ><input type="search" dir="auto" placeholder=${said.find} autocomplete="off" @input=${act}
    /></label>`;
  }

  #pager(pages, all) {
    const turn = (by) => () => {
      this.#page += by;
      this.#render();
    };
    const last = Math.min(all, (this.#page + 1) * PAGE);
    return html`<nav class="row pager" aria-label=${said.pages}>
      ${button(said.previous, turn(-1), { kind: "small", busy: this.#page === 0 })}
      <span class="quiet">${said.range(this.#page * PAGE + 1, last)}</span>
      ${button(said.next, turn(1), { kind: "small", busy: this.#page === pages - 1 })}
    </nav>`;
  }

  #column(cell, at) {
    const sorted = this.#sort?.at === at ? (this.#sort.down ? "descending" : "ascending") : nothing;
    const act = () => {
      this.#sort = sorted === "descending" ? null : { at, down: sorted === "ascending" };
      this.#render();
    };
    const name = cell || said.column(at + 1);
    return html`<th scope="col" data-kind=${this.#kinds[at]} aria-sort=${sorted}>
      <button type="button" title=${said.sort(name)} @click=${act}><span dir="auto">${name}</span>${icon("chevron")}</button>
    </th>`;
  }

  #cell(cell, at) {
    return html`<td data-kind=${this.#kinds[at]} dir="auto">${cell}</td>`;
  }
}

customElements.define("vm-table", Table);

/** How a column is set: amounts to the right, long texts with room to wrap, the rest on one line. */
function kindOf(cells) {
  const filled = cells.filter(Boolean);
  if (filled.length && filled.every(isAmount)) return "amount";
  return filled.some((cell) => cell.length > LONG_CELL) ? "long" : "short";
}
