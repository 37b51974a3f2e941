/** The names of days and months as the reader's locale writes them, and the day on which its weeks begin. */

import { locale } from "./language.js";
import { lazily } from "./lazily.js";

const month = lazily(() => new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }));
const day = lazily(() => new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }));
const short = lazily(() => new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }));
const long = lazily(() => new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }));
const SUNDAY = Date.UTC(2023, 0, 1);
const DAY = 86_400_000;

/** "January 2027" for "2027-01". */
export function formatMonth(isoMonth) {
  return capital(month().format(new Date(`${isoMonth}-01T00:00:00Z`)));
}

/** "Monday, January 4" for "2027-01-04". */
export function dayName(isoDay) {
  return capital(day().format(new Date(`${isoDay}T00:00:00Z`)));
}

/** 0 = Sunday, 1 = Monday; Monday where the browser does not know. */
export function firstWeekday() {
  const known = new Intl.Locale(locale);
  const week = known.getWeekInfo?.() ?? known.weekInfo;
  return (week?.firstDay ?? 1) % 7;
}

/** Seven `{short, long}` names, from the first day of the week. */
export function weekdayNames() {
  return Array.from({ length: 7 }, (_, at) => {
    const date = new Date(SUNDAY + (firstWeekday() + at) * DAY);
    return { short: short().format(date), long: long().format(date) };
  });
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
