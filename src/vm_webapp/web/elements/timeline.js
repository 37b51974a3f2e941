/** What happened, newest first; what belongs to one version is one row that can be opened. */

import { Part } from "../lib/element.js";
import { html, icon, nothing, problemBox, repeat, time } from "../lib/html.js";
import { actorText, eventText, fold, versionOf } from "../lib/timeline.js";
import { words } from "../lib/words.js";

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
        ${repeat(fold(timeline.items), keyOf, (row) => (row.run_id ? runRow(row, state) : eventRow(row, state)))}
      </ol>
      ${this.more("timeline", words.timeline.more, state)} ${problemBox(problems.timeline)}
    </details>`;
  }
}

customElements.define("vm-timeline", Timeline);

function keyOf(row) {
  return row.run_id ?? row.items[0].event_id;
}

function eventRow({ items: [item] }, state) {
  return html`<li>${event(item, state)}</li>`;
}

/** One version: the newest thing that happened to it, and the steps inside. */
function runRow({ run_id: runId, items }, state) {
  const run = state.runs?.items.find((one) => one.run_id === runId);
  const name = versionOf(runId, state) ?? words.run.many;
  const status = run ? words.statuses[run.status] : eventText(items[0], state);
  return html`<li data-run-id=${runId}>
    <details>
      <summary>
        <strong>${name}</strong>: ${status.toLowerCase()}<span class="quiet">
          · ${words.timeline.steps(items.length)} · ${time(items[0].occurred_at, state.now)}</span
        >
      </summary>
      <ol>
        ${repeat(
          items,
          (item) => item.event_id,
          (item) => html`<li>${event(item, state)}</li>`,
        )}
      </ol>
    </details>
  </li>`;
}

/** One event in words; its record, for those who want to know exactly, is a disclosure away. */
function event(item, state) {
  return html`<details
    class="record"
    data-position=${item.global_position}
    data-event-type=${item.event_type}
    @toggle=${({ target }) => fill(target, item)}
  >
    <summary>${sentence(item, state)}<span class="quiet"> · ${time(item.occurred_at, state.now)}</span></summary>
    <pre tabindex="0" role="group" aria-label=${words.timeline.record}></pre>
  </details>`;
}

/** Most records are never opened: one is written when it is. */
function fill(details, item) {
  if (details.open) details.querySelector("pre").textContent = JSON.stringify(item, null, 2);
}

/** What the system does needs no actor; what people and agents do has one. */
function sentence(item, state) {
  const text = eventText(item, state);
  if (item.actor_type === "system") return text.charAt(0).toUpperCase() + text.slice(1);
  return html`<strong>${actorText(item)}</strong> ${text}`;
}
