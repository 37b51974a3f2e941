/** A month as a grid of days; one day is chosen and takes the focus, as in every grid of its kind. */

import { monthWeeks } from "../lib/calendar.js";
import { dayName, firstWeekday, formatMonth, weekdayNames } from "../lib/calendar_words.js";
import { html, nothing } from "../lib/html.js";
import { language } from "../lib/words.js";
import tables from "../lib/words/calendar.js";

const said = tables[language];
const MOST = 3;

/** The month of the day `chosen`; `byDay` has the entries, `choose(day)` and `walk(event)` what mouse and keys do. */
export function monthGrid({ chosen, byDay, choose, walk }) {
  const month = chosen.slice(0, 7);
  const cell = (day) => dayCell(day, { entries: byDay.get(day) ?? [], month, chosen, choose });
  return html`<table class="month" role="grid" aria-label=${formatMonth(month)} @keydown=${walk}>
    <thead>
      <tr>
        ${weekdayNames().map(({ short, long }) => html`<th scope="col"><abbr title=${long}>${short}</abbr></th>`)}
      </tr>
    </thead>
    <tbody>
      ${monthWeeks(month, firstWeekday()).map(
        (week) => html`<tr data-free=${!week.some((day) => byDay.has(day))}>${week.map(cell)}</tr>`,
      )}
    </tbody>
  </table>`;
}

function dayCell(day, { entries, month, chosen, choose }) {
  return html`<td
    role="gridcell"
    data-day=${day}
    data-other=${!day.startsWith(month)}
    tabindex=${day === chosen ? 0 : -1}
    aria-selected=${day === chosen}
    @click=${() => choose(day)}
  >
    <span class="visually-hidden">${dayName(day)}: ${entries.length ? nothing : said.free}</span>
    <span class="day-number" aria-hidden="true">${Number(day.slice(8))}</span>
    ${entries.slice(0, MOST).map(line)}
    ${entries.length > MOST ? html`<span class="quiet day-more">${said.more(entries.length - MOST)}</span>` : nothing}
  </td>`;
}

function line({ kind, time, label, title }) {
  const above = [time, label].filter(Boolean).join(" · ");
  return html`<span class="day-entry" data-kind=${kind}
    >${above ? html`<span class="day-label">${above}</span>` : nothing}<span class="day-title" dir="auto">${title}</span></span
  >`;
}
