/** A calendar as a month: arrow keys walk the days, Page Up and Page Down the months; a list of weeks where it is narrow. */

import { groupBy, readCalendar, shiftDay, shiftMonth } from "../lib/calendar.js";
import { dayName, formatMonth } from "../lib/calendar_words.js";
import { html, icon, iconButton, nothing, render } from "../lib/html.js";
import { language } from "../lib/words.js";
import tables from "../lib/words/calendar.js";
import { agenda } from "./agenda.js";
import { monthGrid } from "./month.js";

const said = tables[language];
const NARROW = 42 * 16;

/** The month view, or the text as it is where it does not read as a calendar. */
export function show(text) {
  const calendar = readCalendar(text);
  if (!calendar)
    return html`<p class="quiet">${said.unreadable}</p>
      <pre class="plain" dir="auto">${text}</pre>`;
  return html`<vm-calendar .calendar=${calendar}></vm-calendar>`;
}

class Calendar extends HTMLElement {
  #calendar = null;
  #byDay = new Map();
  #day = "";
  #list = null;
  #narrow = false;
  #printing = false;
  #size = new ResizeObserver(([{ contentRect }]) => this.#fit(contentRect.width < NARROW));
  #print = () => this.#set({ printing: true });
  #printed = () => this.#set({ printing: false });

  set calendar(calendar) {
    if (calendar === this.#calendar) return;
    this.#calendar = calendar;
    this.#byDay = groupBy(calendar.entries, ({ day }) => day);
    this.#day = calendar.entries[0].day;
    this.#render();
  }

  connectedCallback() {
    this.#size.observe(this);
    addEventListener("beforeprint", this.#print);
    addEventListener("afterprint", this.#printed);
  }

  disconnectedCallback() {
    this.#size.disconnect();
    removeEventListener("beforeprint", this.#print);
    removeEventListener("afterprint", this.#printed);
  }

  #fit(narrow) {
    if (narrow !== this.#narrow) this.#set({ narrow });
  }

  #set({ narrow = this.#narrow, printing = this.#printing, list = this.#list }) {
    [this.#narrow, this.#printing, this.#list] = [narrow, printing, list];
    this.#render();
  }

  #render() {
    const month = this.#day.slice(0, 7);
    const listed = this.#printing || (this.#list ?? this.#narrow);
    const { title, entries } = this.#calendar;
    const shown = this.#printing ? entries : entries.filter(({ day }) => day.startsWith(month));
    render(
      html`<section class="calendar" data-listed=${listed}>
        <header class="calendar-head">
          <h3 class="calendar-month" aria-live="polite">${formatMonth(month)}</h3>
          ${title ? html`<p class="quiet calendar-title" dir="auto">${title}</p>` : nothing}
          <div class="row calendar-tools">
            ${this.#turn(-1, "turn-back", said.previous)} ${this.#turn(1, "turn-on", said.next)}
            <button class="button small" type="button" data-action="calendar-view" @click=${() => this.#set({ list: !listed })}>
              ${icon(listed ? "calendar" : "table")}${listed ? said.asMonth : said.asList}
            </button>
          </div>
        </header>
        ${listed ? agenda(shown) : html`${this.#grid()} ${this.#about()}`}
      </section>`,
      this,
    );
  }

  #turn(months, turn, label) {
    const act = () => this.#go(`${shiftMonth(this.#day.slice(0, 7), months)}-01`, { focus: false });
    return html`<span class=${turn}>${iconButton("chevron", label, act)}</span>`;
  }

  #grid() {
    const choose = (day) => this.#go(day);
    return monthGrid({ chosen: this.#day, byDay: this.#byDay, choose, walk: (event) => this.#walk(event) });
  }

  /** What the chosen day holds, in full. */
  #about() {
    const entries = this.#byDay.get(this.#day) ?? [];
    return html`<section class="day-about" aria-live="polite">
      ${entries.length ? agenda(entries) : html`<p class="quiet">${dayName(this.#day)}: ${said.free}</p>`}
    </section>`;
  }

  #walk(event) {
    const day = this.#day;
    const to = {
      ArrowLeft: () => shiftDay(day, -1),
      ArrowRight: () => shiftDay(day, 1),
      ArrowUp: () => shiftDay(day, -7),
      ArrowDown: () => shiftDay(day, 7),
      PageUp: () => `${shiftMonth(day.slice(0, 7), -1)}-01`,
      PageDown: () => `${shiftMonth(day.slice(0, 7), 1)}-01`,
      Home: () => this.#calendar.entries[0].day,
      End: () => this.#calendar.entries.at(-1).day,
    }[event.key];
    if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#go(to());
  }

  #go(day, { focus = true } = {}) {
    this.#day = day;
    this.#render();
    if (focus) this.querySelector(`[data-day="${day}"]`)?.focus();
  }
}

customElements.define("vm-calendar", Calendar);
