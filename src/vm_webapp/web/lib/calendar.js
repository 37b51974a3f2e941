/** Calendars as the month view needs them: entries by day, and a month's weeks. Days are ISO texts; arithmetic is in UTC. */

import { parseIcs } from "./ics.js";

const DAY = 86_400_000;
const MOST_DAYS = 60;

/**
 * `{title, entries}` from .ics text or from a calendar deliverable's JSON, else null. An entry is
 * `{day, title, label, text, time, kind}`; one that lasts several days has one entry for each.
 */
export function readCalendar(text) {
  const found = text.trimStart().startsWith("{") ? fromJson(text) : parseIcs(text);
  if (!found?.events.length) return null;
  const entries = found.events.flatMap(spread);
  return { title: found.title, entries: entries.toSorted((one, other) => order(one).localeCompare(order(other))) };
}

/** The weeks of a month as rows of seven ISO days; `firstWeekday` counts from 0 = Sunday. */
export function monthWeeks(month, firstWeekday) {
  const first = `${month}-01`;
  const before = (weekday(first) - firstWeekday + 7) % 7;
  const days = before + Number(shiftDay(`${shiftMonth(month, 1)}-01`, -1).slice(8));
  return Array.from({ length: Math.ceil(days / 7) }, (_, row) =>
    Array.from({ length: 7 }, (_, column) => shiftDay(first, row * 7 + column - before)),
  );
}

export function shiftDay(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** "2027-01" a number of months on. */
export function shiftMonth(month, months) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

export function weekday(day) {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

/** The first day of the week that a day lies in. */
export function weekStart(day, firstWeekday) {
  return shiftDay(day, -((weekday(day) - firstWeekday + 7) % 7));
}

/** Items by what `keyOf` says of them, in the order in which they come. */
export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

function fromJson(text) {
  const data = asJson(text);
  if (!Array.isArray(data?.weeks)) return null;
  const pieces = data.weeks.flatMap((week) => (Array.isArray(week?.entries) ? week.entries : []));
  const days = Array.isArray(data.milestones) ? data.milestones : [];
  const events = [
    ...days.map(({ on, label }) => ({ day: on, title: String(label ?? ""), kind: "milestone" })),
    ...pieces.map((piece) => ({
      day: piece?.on,
      title: String(piece?.title ?? ""),
      label: [piece?.channel_name, piece?.format].filter(Boolean).join(" · "),
      text: [piece?.brief, piece?.call_to_action].filter(Boolean).join("\n"),
    })),
  ];
  return { title: String(data.title ?? ""), events: events.filter(({ day }) => isDay(day)) };
}

function asJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isDay(day) {
  return /^\d{4}-\d\d-\d\d$/.test(day ?? "") && !Number.isNaN(Date.parse(`${day}T00:00:00Z`));
}

/** "Newsletter: First loaf" is a channel and a title where several entries begin that way; the text stays whole otherwise. */
function spread({ day, lastDay = day, title, label = "", text = "", time = "", kind = "entry", place = "", repeats }) {
  const split = label ? null : /^([^:]{2,28}): (.+)$/s.exec(title);
  const entry = {
    title: split ? split[2] : title,
    label: split ? split[1] : label,
    text: [place, text].filter(Boolean).join("\n"),
    time,
    kind,
    repeats: Boolean(repeats),
  };
  const length = Math.min(MOST_DAYS, Math.max(0, Math.round((Date.parse(lastDay) - Date.parse(day)) / DAY)));
  return Array.from({ length: length + 1 }, (_, at) => ({ ...entry, day: shiftDay(day, at) }));
}

function order({ day, kind, time }) {
  return `${day}${kind === "milestone" ? 0 : 1}${time}`;
}
