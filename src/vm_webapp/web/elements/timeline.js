/** What happened, newest first; what belongs to one version is one row that can be opened. */

import { Part } from "../lib/element.js";
import { html, icon, nothing, problemBox, repeat, time } from "../lib/html.js";
import { eventText, foldByRun, foldByStage, versionOf } from "../lib/timeline.js";
import { words } from "../lib/words.js";
import { sentence } from "./event.js";

class Timeline extends Part {
  view(state) {
    const { timeline, problems } = state;
    if (!timeline) return nothing;
    return html`<details class="panel">
      <summary>
        <h2>${words.timeline.many}</h2>
        ${icon("chevron")}
      </summary>
      ${timeline.items.length ? nothing : html`<p class="quiet">${words.timeline.none}</p>`}
      <ol class="timeline">
        ${rows(foldByRun(timeline.items), runRow, state)}
      </ol>
      ${this.more("timeline", words.timeline.more, state)} ${problemBox(problems.timeline)}
    </details>`;
  }
}

customElements.define("vm-timeline", Timeline);

/** One version: how it stands, and what led there. */
function runRow({ key: runId, items }, state) {
  if (!runId) return eventRow({ items }, state);
  const run = state.runs?.items.find((one) => one.run_id === runId);
  const status = run ? words.statuses[run.status] : eventText(items[0], state);
  const said = html`<strong>${versionOf(runId, state) ?? words.run.many}</strong>: ${status.toLowerCase()}`;
  return folded(said, { items, state, rows: rows(foldByStage(items), stageRow, state) });
}

/** One stage of a version: the newest word on it that is not about a file. */
function stageRow({ key: stageKey, items }, state) {
  if (!stageKey || items.length === 1) return eventRow({ items }, state);
  const newest = items.find((item) => item.event_type !== "ArtifactPublished") ?? items[0];
  const inside = items.map((item) => ({ key: null, items: [item] }));
  return folded(sentence(newest, state), { items, state, rows: rows(inside, eventRow, state) });
}

function eventRow({ items: [item] }, state) {
  return html`<li>${event(item, state)}</li>`;
}

function rows(folds, show, state) {
  return repeat(
    folds,
    ({ key, items }) => key ?? items[0].event_id,
    (row) => show(row, state),
  );
}

function folded(said, { items, state, rows: inside }) {
  const when = time(items[0].occurred_at, state.now);
  return html`<li>
    <details>
      <summary>${said}<span class="quiet"> · ${words.timeline.steps(items.length)} · ${when}</span></summary>
      <ol>
        ${inside}
      </ol>
    </details>
  </li>`;
}

/** One event in words; its record, for those who asked for details, is a disclosure away. */
function event(item, state) {
  const told = html`${sentence(item, state)}<span class="quiet"> · ${time(item.occurred_at, state.now)}</span>`;
  if (!state.details) return html`<p class="event" data-position=${item.global_position} data-event-type=${item.event_type}>${told}</p>`;
  return html`<details
    class="record"
    data-position=${item.global_position}
    data-event-type=${item.event_type}
    @toggle=${({ target }) => fill(target, item)}
  >
    <summary>${told}</summary>
    <pre tabindex="0" role="group" aria-label=${words.timeline.record}></pre>
  </details>`;
}

/** Most records are never opened: one is written when it is. */
function fill(details, item) {
  if (details.open) details.querySelector("pre").textContent = JSON.stringify(item, null, 2);
}
