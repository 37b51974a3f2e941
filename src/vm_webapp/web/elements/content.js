/** A file's text as markup: Markdown, table, JSON or as it is; parsed once, for files are long and states are many. */

import { parseCsv } from "../lib/csv.js";
import { html, nothing } from "../lib/html.js";
import { renderMarkdown } from "../lib/markdown.js";
import { words } from "../lib/words.js";

const MOST_ROWS = 500;
const LONG_CELL = 28;
const JSON_TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
let last = {};

export function fileContent(view, text) {
  if (last.view !== view || last.text !== text) last = { view, text, content: SHOW[view](text) };
  return last.content;
}

const SHOW = {
  markdown: (text) => renderMarkdown(text),
  text: (text) => html`<pre class="plain">${text}</pre>`,
  json: showJson,
  csv: showCsv,
};

function showJson(text) {
  try {
    return html`<pre class="plain json">${coloured(JSON.stringify(JSON.parse(text), null, 2))}</pre>`;
  } catch {
    return html`<p class="quiet">${words.reader.notJson}</p>
      ${SHOW.text(text)}`;
  }
}

/** JSON's text cut at its tokens; every piece is text, never markup. */
function coloured(text) {
  const pieces = [];
  let at = 0;
  for (const found of text.matchAll(JSON_TOKENS)) {
    const [all, string, colon] = found;
    pieces.push(
      text.slice(at, found.index),
      html`<span data-token=${colon ? "key" : string ? "string" : "value"}>${string ?? all}</span>`,
      colon ?? "",
    );
    at = found.index + all.length;
  }
  return [...pieces, text.slice(at)];
}

function showCsv(text) {
  const [head, ...rows] = parseCsv(text);
  if (!head) return SHOW.text(text);
  const shown = rows.slice(0, MOST_ROWS);
  const long = head.map((_, at) => shown.some((row) => (row[at]?.length ?? 0) > LONG_CELL));
  return html`${rows.length > MOST_ROWS ? html`<p class="quiet">${words.reader.rows(MOST_ROWS, rows.length)}</p>` : nothing}
    <div class="scroller" tabindex="0" role="group" aria-label=${words.reader.table}>
      <table>
        <thead>
          <tr>
            ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (row) =>
              html`<tr>
                ${row.map((cell, at) => html`<td data-long=${Boolean(long[at])}>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}
