/** What happened, newest first; what belongs to one version is one row that can be opened, and older rows come as one reads on. */

import { Part } from "../lib/element.js";
import { Filling } from "../lib/filling.js";
import { html, icon, nothing, problemBox, repeat, time } from "../lib/html.js";
import { foldByRun, foldByStage, versionOf } from "../lib/timeline.js";
import { words } from "../lib/words.js";
import { sentence } from "./event.js";

const NEAR = { rootMargin: "400px", scrollMargin: "400px" };

class Timeline extends Part {
  #filling = new Filling(({ key, items }, state) => (key ? runRow({ key, items }, state) : event(items[0], state)), "timeline");
  #around = [];
  #shown = null;
  #end = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && this.#older(), NEAR);

  update(state) {
    super.update(state);
    this.#shown = state;
    this.#end.disconnect();
    const more = this.querySelector("[data-action=older]");
    if (more && !state.busy.timeline && !state.problems.timeline) this.#end.observe(more);
  }

  view(state) {
    const { timeline, problems } = state;
    if (!timeline) return nothing;
    return html`<details class="panel">
      <summary>
        <h2>${words.timeline.many}</h2>
        ${icon("chevron")}
      </summary>
      ${timeline.items.length ? nothing : html`<p class="quiet">${words.timeline.none}</p>`}
      <div class="timelines" @contentvisibilityautostatechange=${(change) => this.#filling.sight(change)}>
        ${this.#rows(timeline.items, state)}
      </div>
      ${this.more("timeline", words.timeline.more, state)} ${problemBox(problems.timeline)}
    </details>`;
  }

  /** A row says its times and names anew where it is in sight; the list itself only takes in what is new. */
  #rows(items, state) {
    const { now, runs, runDetails, profiles, tasks, details } = state;
    const around = [now, runs, runDetails, profiles, tasks, details];
    const changed = around.some((one, at) => one !== this.#around[at]);
    this.#around = around;
    const folded = !this.querySelector("details.panel")?.open;
    const blocks = this.#filling.blocks(foldByRun(items), { keyOf, versionOf: newest, changed, state, ...(folded && { atOnce: 0 }) });
    return repeat(blocks, (block) => block, (block) => block);
  }

  /** The next page, when the end comes near; the button does the same for whoever does not scroll. */
  #older() {
    const { timeline, busy } = this.#shown;
    if (timeline?.next && !busy.timeline) this.intend("more", { list: "timeline" });
  }
}

customElements.define("vm-timeline", Timeline);

const keyOf = ({ key, items }) => key ?? items[0].event_id;
const newest = ({ items }) => `${items[0].event_id} ${items.length}`;

/** One version: how it stands, and what led there. */
function runRow({ key: runId, items }, state) {
  const run = state.runs?.items.find((one) => one.run_id === runId);
  const said = run ? html`<strong>${versionOf(runId, state)}</strong>: ${words.statuses[run.erased ? "erased" : run.status].toLowerCase()}` : sentence(items[0], state);
  return fold(said, { items, state, rows: rows(foldByStage(items), stageRow, state) });
}

/** One stage of a version: the newest word on it that is not about a file. */
function stageRow({ key: stageKey, items }, state) {
  if (!stageKey || items.length === 1) return eventRow({ items }, state);
  const newest = items.find((item) => item.event_type !== "ArtifactPublished") ?? items[0];
  const inside = items.map((item) => ({ key: null, items: [item] }));
  return html`<li>${fold(sentence(newest, state), { items, state, rows: rows(inside, eventRow, state) })}</li>`;
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

function fold(said, { items, state, rows: inside }) {
  const when = time(items[0].occurred_at, state.now);
  return html`<details>
    <summary>${said}<span class="quiet"> · ${words.timeline.steps(items.length)} · ${when}</span></summary>
    <ol>
      ${inside}
    </ol>
  </details>`;
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
