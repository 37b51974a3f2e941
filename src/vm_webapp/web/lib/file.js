/** A file of a version: `{run_id, stage_key, name}`, and how such a file is shown. */

const LARGEST_SHOWN = 2_000_000;
const TEXT = /^text\/|json|xml|yaml/;
const IMAGE = /^image\/(png|jpeg|gif|webp|avif|svg\+xml)$/;

/** Whether two addresses name the same file. */
export function sameFile(one, other) {
  return one?.run_id === other?.run_id && one?.stage_key === other?.stage_key && one?.name === other?.name;
}

/** A file's name; the manifest says where it lies below the stage. */
export function nameOf({ path }) {
  return path.replace(/^artifacts\//, "");
}

/** How a file is shown: markdown, csv, calendar, json, image, text; `large` or null when it cannot be. */
export function viewOf({ name, media_type: type = "", kind = "", size = 0 }) {
  if (IMAGE.test(type)) return "image";
  if (size > LARGEST_SHOWN) return "large";
  if (type === "text/markdown" || /\.(md|markdown)$/i.test(name)) return "markdown";
  if (type === "text/csv" || /\.csv$/i.test(name)) return "csv";
  if (type === "text/calendar" || /\.ics$/i.test(name)) return "calendar";
  if (/json/.test(type) || /\.json$/i.test(name)) return kind === "calendar" || /^calendar\.json$/i.test(name) ? "calendar" : "json";
  return TEXT.test(type) || /\.(txt|ya?ml|xml)$/i.test(name) ? "text" : null;
}

/** Whether a view shows something else than the file's own text, so that its source is worth a look. */
export function isFormatted(view) {
  return ["markdown", "csv", "calendar", "json"].includes(view);
}
