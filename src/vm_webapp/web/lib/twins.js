/** What tells apart those of one name: when each was made. */

import { formatMoment } from "./dates.js";

const nameOf = ({ name, title }) => (name ?? title).trim().toLowerCase();

/** What is said behind the name of each of the brands, projects or threads; nothing where it has its name alone. */
export function twinsOf(items) {
  const [seen, twins] = [new Set(), new Set()];
  for (const name of items.map(nameOf)) (seen.has(name) ? twins : seen).add(name);
  return (item) => (twins.has(nameOf(item)) ? ` · ${formatMoment(item.created_at)}` : "");
}
