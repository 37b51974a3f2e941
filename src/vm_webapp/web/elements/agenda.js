/** Entries of a calendar as a list: by week, then by day. */

import { groupBy, weekStart } from "../lib/calendar.js";
import { dayName, firstWeekday } from "../lib/calendar_words.js";
import { formatDay } from "../lib/dates.js";
import { html, nothing } from "../lib/html.js";
import { language } from "../lib/words.js";
import tables from "../lib/words/calendar.js";

const said = tables[language];

/** `entries` in order; one week alone needs no heading for it. */
export function agenda(entries) {
  const weeks = [...groupBy(entries, ({ day }) => weekStart(day, firstWeekday()))];
  if (!weeks.length) return html`<p class="quiet">${said.none}</p>`;
  const several = new Set(entries.map(({ day }) => day)).size > 1;
  return html`<div class="agenda">
    ${weeks.map(
      ([start, inWeek]) =>
        html`<section class="agenda-week">
          ${several ? html`<h4>${said.week(formatDay(start))}</h4>` : nothing}
          ${[...groupBy(inWeek, ({ day }) => day)].map(([day, onDay]) => dayOf(day, onDay))}
        </section>`,
    )}
  </div>`;
}

function dayOf(day, entries) {
  return html`<div class="agenda-day">
    <p class="agenda-date">${dayName(day)}</p>
    <ul>
      ${entries.map(entryOf)}
    </ul>
  </div>`;
}

function entryOf({ kind, time, label, title, text, repeats }) {
  const facts = [time, label, kind === "milestone" ? said.milestone : "", repeats ? said.repeats : ""].filter(Boolean);
  return html`<li class="agenda-entry" data-kind=${kind}>
    <p class="agenda-title" dir="auto">${title}</p>
    ${facts.length ? html`<p class="quiet">${facts.join(" · ")}</p>` : nothing}
    ${text ? html`<p class="agenda-text" dir="auto">${text}</p>` : nothing}
  </li>`;
}
