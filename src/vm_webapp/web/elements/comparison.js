/** A comparison as it is read: which two versions and which file, what differs besides the text, and the two texts. */

import { filesOf } from "../lib/comparing.js";
import { differences } from "../lib/differences.js";
import { formatMoment } from "../lib/dates.js";
import { html, icon, nothing, problemBox } from "../lib/html.js";
import { usageWords } from "../lib/money.js";
import { compareHash, fileHash, runHash } from "../lib/router.js";
import { language, own, titleOf, words } from "../lib/words.js";
import tables from "../lib/words/compare.js";
import { writerText } from "./origin.js";
import "./sides.js";

const said = tables[language];
const MOSTLY = 0.7;
/** What a person wrote takes its own direction; the rest are the page's sentences. */
const OWN_WORDS = new Set(["request", "feedback"]);

/** `go(hash)` opens another comparison. */
export function show(state, go) {
  const { comparison, runDetails, route } = state;
  const newer = runDetails[route.run_id];
  const older = runDetails[route.compare.with];
  return html`<section class="comparison" aria-labelledby="comparison-title" data-status=${comparison.status}>
    <header class="comparison-head">
      <h2 id="comparison-title">${words.compare.title}</h2>
      <a class="button small" data-action="close" href=${back(newer, comparison.file)}>${icon("x")}${words.compare.close}</a>
    </header>
    ${older && newer ? html`${choices(state, older, newer, go)} ${facts(state, older, newer)}` : nothing}
    ${comparison.status === "failed" ? problemBox(comparison.problem) : nothing} ${texts(comparison, older, newer)}
  </section>`;
}

function back(newer, file) {
  if (!newer) return "#/";
  return file?.newer ? fileHash({ ...file, run_id: newer.run_id }) : runHash(newer.run_id);
}

/** Two versions and one file; each choice is an address of its own. */
function choices({ runs, comparison: { file } }, older, newer, go) {
  const files = filesOf(older, newer);
  const at = files.findIndex((one) => one.stage_key === file?.stage_key && one.name === file?.name);
  const version = (name, label, chosen, act) => html`<label class="versus-one"
    ><span>${label}</span
    ><select name=${name} @change=${({ target }) => go(act(target.value))}>
      ${(runs?.items ?? [])
        .filter((row) => row.stages_done > 0 || row.run_id === chosen)
        .map((row) => html`<option value=${row.run_id} ?selected=${row.run_id === chosen}>${words.run.version(row.number)} · ${formatMoment(row.created_at)}</option>`)}
    </select></label
  >`;
  return html`<div class="versus">
    ${version("older", said.older, older.run_id, (id) => compareHash(newer.run_id, id, file))}
    <a class="button ghost" data-action="swap" href=${compareHash(older.run_id, newer.run_id, file)} title=${said.swap}
      >${icon("swap")}<span class="visually-hidden">${said.swap}</span></a
    >
    ${version("newer", said.newer, newer.run_id, (id) => compareHash(id, older.run_id, file))}
    <label class="versus-one versus-file"
      ><span>${said.file}</span
      ><select name="file" @change=${({ target }) => go(compareHash(newer.run_id, older.run_id, files[target.value]))}>
        ${files.map((one, index) => html`<option value=${index} ?selected=${index === at}>${titleOf(one.title)} · ${own(one.name)}</option>`)}
      </select></label
    >
  </div>`;
}

function facts(state, older, newer) {
  const formatCost = (usage) => usageWords(usage).join(", ");
  const rows = differences({ older, newer, state, stageKey: state.comparison.file?.stage_key, writerText, formatCost });
  if (!rows.length) return html`<p class="quiet">${said.sameFacts}</p>`;
  const requests = state.comparison.found?.requests;
  const apart = requests && ["older", "newer"].every((side) => covered(requests[side]) > MOSTLY * (side === "older" ? older : newer).request_text.length);
  const text = (row, side, tag) => (row.key === "request" && requests && !apart ? marked(row[side], requests[side], tag) : row[side]);
  const cell = (row, side, tag) => html`<td dir=${OWN_WORDS.has(row.key) ? "auto" : nothing}>${text(row, side, tag)}</td>`;
  return html`<details class="panel comparison-facts" open>
    <summary><h3>${said.facts}</h3>${icon("chevron")}</summary>
    <table class="facts-table">
      <thead>
        <tr><td></td><th scope="col">${words.run.version(older.number)}</th><th scope="col">${words.run.version(newer.number)}</th></tr>
      </thead>
      <tbody>
        ${rows.map((row) => html`<tr data-fact=${row.key}><th scope="row">${row.name}</th>${cell(row, "older", "del")}${cell(row, "newer", "ins")}</tr>`)}
      </tbody>
    </table>
  </details>`;
}

/** How many characters the stretches take; requests that have little in common are read as they are. */
function covered(stretches) {
  return stretches.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** A text with its marked stretches, as pieces; every piece is text. */
function marked(text, stretches, tag) {
  const pieces = [];
  let at = 0;
  for (const [from, to] of stretches) {
    const piece = text.slice(from, to);
    pieces.push(text.slice(at, from), tag === "ins" ? html`<ins>${piece}</ins>` : html`<del>${piece}</del>`);
    at = to;
  }
  return [...pieces, text.slice(at)];
}

function texts({ status, file, found }, older, newer) {
  if (status === "failed" || !older || !newer) return nothing;
  if (status === "loading") return html`<p class="quiet reader-wait">${words.compare.loading}</p>`;
  if (!file) return html`<p class="callout">${said.noFile}</p>`;
  const missing = file.older ? (file.newer ? null : newer) : older;
  if (missing) return html`<p class="callout">${said.missing(words.run.version(missing.number))}</p>`;
  if (found.unfit) return html`<p class="callout">${said.tooLarge}</p>`;
  return html`<vm-sides .comparison=${{ found, names: [older, newer].map(({ number }) => words.run.version(number)) }}></vm-sides>`;
}
