/**
 * iCalendar text (RFC 5545) to plain events. What is read: VEVENT with DTSTART, DTEND, SUMMARY, DESCRIPTION, LOCATION; days are
 * taken as written, without converting time zones, for a plan says days. A repeating event stands on its first day and says so.
 */

const MOST_EVENTS = 5000;

/** `{title, events: [{day, lastDay, time, title, text, place, repeats}]}`; days are ISO; null when it is no calendar. */
export function parseIcs(text) {
  if (!/^\uFEFF?BEGIN:VCALENDAR/i.test(text.trimStart())) return null;
  const events = [];
  let title = "";
  let open = null;
  for (const line of unfold(text)) {
    const { name, values, value } = property(line);
    if (name === "BEGIN" && value === "VEVENT") open = {};
    else if (name === "END" && value === "VEVENT") {
      const event = open && eventOf(open);
      if (event && events.length < MOST_EVENTS) events.push(event);
      open = null;
    } else if (open) open[name] ??= { value, values };
    else if (name === "X-WR-CALNAME") title = plain(value);
  }
  return { title, events };
}

/** Long lines are folded: a line that begins with a blank goes on from the one before. */
function unfold(text) {
  return text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/);
}

/** `NAME;PARAMETER=x:value`; a colon within a quoted parameter does not end the name. */
function property(line) {
  const found = /^([A-Za-z0-9-]+)((?:;[^":;]*(?:"[^"]*"[^":;]*)*)*):([^]*)$/.exec(line);
  if (!found) return {};
  return { name: found[1].toUpperCase(), values: found[2].toUpperCase(), value: found[3].trim() };
}

function eventOf(open) {
  const start = moment(open.DTSTART?.value);
  if (!start) return null;
  return {
    day: start.day,
    lastDay: lastDay(start, moment(open.DTEND?.value)),
    time: start.time,
    title: plain(open.SUMMARY?.value ?? ""),
    text: plain(open.DESCRIPTION?.value ?? ""),
    place: plain(open.LOCATION?.value ?? ""),
    repeats: Boolean(open.RRULE),
  };
}

function moment(value) {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d))?/.exec(value ?? "");
  if (!found || Number.isNaN(Date.parse(`${found[1]}-${found[2]}-${found[3]}T00:00:00Z`))) return null;
  return { day: `${found[1]}-${found[2]}-${found[3]}`, time: found[4] ? `${found[4]}:${found[5]}` : "" };
}

/** DTEND is exclusive: an event of whole days ends the day before it. */
function lastDay(start, end) {
  if (!end || end.day <= start.day) return start.day;
  if (end.time && end.time !== "00:00") return end.day;
  return new Date(Date.parse(`${end.day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

function plain(value) {
  return value.replace(/\\([nN,;\\])/g, (_, character) => (character.toLowerCase() === "n" ? "\n" : character)).trim();
}
