/** An event in words; what follows by itself needs no actor, what people and agents do has one. */

import { html } from "../lib/html.js";
import { actorText, eventText } from "../lib/timeline.js";

export function sentence(item, state) {
  const text = eventText(item, state);
  const actor = actorText(item, state);
  return actor ? html`<strong>${actor}</strong> ${text}` : text.charAt(0).toUpperCase() + text.slice(1);
}
