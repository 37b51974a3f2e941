/** Times and amounts as the reader's locale writes them; the words around them come from words.js. */

import { locale } from "./language.js";
import { lazily } from "./lazily.js";

const moment = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }));
const clock = lazily(() => new Intl.DateTimeFormat(locale, { timeStyle: "medium" }));
const day = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }));
const tenth = lazily(() => new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
const weekday = lazily(() => new Intl.DateTimeFormat(locale, { weekday: "long" }));
const hour = lazily(() => new Intl.DateTimeFormat(locale, { timeStyle: "short" }));
const relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const STEPS = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86400],
];

export function formatMoment(iso) {
  return moment().format(new Date(iso));
}

/** A calendar day such as 2027-01-31, free of time zones. */
export function formatDay(isoDay) {
  return day().format(new Date(`${isoDay}T00:00:00Z`));
}

/** "2 minutes ago" for the last week, the date before that. The server's clock may be ahead: nothing lies in the future, unless it is said to. */
export function formatAgo(iso, now, { ahead = false } = {}) {
  const away = Math.round((new Date(iso) - now) / 1000);
  if (ahead) return formatAhead(Math.max(0, away));
  const seconds = Math.min(0, away);
  if (seconds > -45) return relative().format(0, "second");
  const [unit, size] = STEPS.findLast(([, length]) => Math.abs(seconds) >= length) ?? STEPS[0];
  const amount = Math.round(seconds / size);
  return unit === "day" && Math.abs(amount) > 7 ? formatMoment(iso) : relative().format(amount, unit);
}

/** "Yesterday 14:20", "Monday 09:05", and the date for what is longer ago: the second half of a version's name. */
export function formatWhen(iso, now) {
  const then = new Date(iso);
  const days = Math.round((startOfDay(now) - startOfDay(then)) / 86_400_000);
  if (days > 6 || days < 0) return moment().format(then);
  const name = days > 1 ? weekday().format(then) : relative().format(-days, "day");
  return `${name.charAt(0).toLocaleUpperCase(locale)}${name.slice(1)} ${hour().format(then)}`;
}

function startOfDay(time) {
  return new Date(time).setHours(0, 0, 0, 0);
}

function formatAhead(seconds) {
  return seconds < 90 ? relative().format(seconds, "second") : relative().format(Math.round(seconds / 60), "minute");
}

/** "14:03:20", for what comes within minutes. */
export function formatClock(iso) {
  return clock().format(new Date(iso));
}

/** "< 0.1 s", "0.8 s", "42 s", "3 min 5 s". */
export function formatDuration(fromIso, toIso) {
  return formatSeconds((new Date(toIso) - new Date(fromIso)) / 1000);
}

export function formatSeconds(length) {
  const seconds = Math.max(0, length);
  if (seconds < 0.1) return `< ${tenth().format(0.1)} s`;
  if (seconds < 9.95 && !Number.isInteger(seconds)) return `${tenth().format(seconds)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 90
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function formatSize(bytes) {
  const [unit, size] = [
    ["byte", 1],
    ["kilobyte", 1e3],
    ["megabyte", 1e6],
  ].findLast(([, length]) => bytes >= length) ?? ["byte", 1];
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(bytes / size);
}
