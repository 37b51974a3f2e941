/** The only way to markup: lit-html's escaping tag, and the few pieces that every element uses. */

import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { formatAgo, formatMoment } from "./dates.js";
import { words } from "./words.js";

export { html, live, nothing, render, repeat };

/** What is made anew, and not shown again with something else in it, when the key is another. */
export const keyed = (key, template) => repeat([key], String, () => template);

/** An outline from the sprite in index.html; it never carries meaning alone. */
export function icon(name) {
  return html`<svg class="icon" aria-hidden="true" focusable="false"><use href=${`#icon-${name}`}></use></svg>`;
}

/** For `aria-disabled`: what cannot be pressed just now keeps the keyboard; lib/keyboard.js sees that it does nothing. */
export const still = (busy) => (busy ? "true" : nothing);

/** A button with words; `kind` adds classes such as `primary` and `small`. `busy`: not just now. */
export function button(label, act, { name = null, kind = "", busy = false, action = nothing } = {}) {
  return html`<button class="button ${kind}" type="button" data-action=${action} aria-disabled=${still(busy)} @click=${act}>
    ${name ? icon(name) : nothing}${label}
  </button>`;
}

/** A button that shows an outline only; its name is read out and shown on hover. */
export function iconButton(name, label, act, { size = "", action = nothing } = {}) {
  return html`<button class="button ghost ${size}" type="button" title=${label} data-action=${action} @click=${act}>
    ${icon(name)}<span class="visually-hidden">${label}</span>
  </button>`;
}

export function downloadLink(url, name, size = "") {
  const label = words.artifact.download(name);
  return html`<a class="button ghost ${size}" href=${url} download=${name} title=${label}
    >${icon("download")}<span class="visually-hidden">${label}</span></a
  >`;
}

/** A small menu behind an outline; `items` are `<li>` with a button or link each. lib/menus.js closes it. */
export function menu(label, items, { name = "more" } = {}) {
  return html`<details class="menu" name="menu">
    <summary class="button ghost small" title=${label}>${icon(name)}<span class="visually-hidden">${label}</span></summary>
    <ul class="menu-items">
      ${items}
    </ul>
  </details>`;
}

const STATUS_ICONS = {
  queued: "clock",
  pending: "circle-dashed",
  running: "loader",
  waiting_approval: "hand",
  completed: "circle-check",
  failed: "circle-x",
  canceled: "ban",
  skipped: "skip",
  retrying: "clock",
  canceling: "loader",
  erased: "lock",
};

/** A status as icon and text. */
export function statusTag(status) {
  return html`<span class="status" data-status=${status}
    >${icon(STATUS_ICONS[status] ?? "circle-dashed")}<span>${words.statuses[status] ?? status}</span></span
  >`;
}

export function statusIcon(status) {
  return icon(STATUS_ICONS[status] ?? "circle-dashed");
}

export function time(iso, now) {
  return html`<time datetime=${iso} title=${formatMoment(iso)}>${formatAgo(iso, now)}</time>`;
}

/** A problem in plain words, with what to do next. */
export function problemBox(problem) {
  if (!problem) return nothing;
  const fields = new Set(Object.values(problem.fields).map(({ listed }) => listed));
  return html`<div class="problem" role="alert">
    ${icon("alert")}
    <div>
      <p>${problem.text}</p>
      ${
        fields.size
          ? html`<ul>
              ${[...fields].map((why) => html`<li>${why}</li>`)}
            </ul>`
          : nothing
      }
      ${problem.hint ? html`<p class="quiet">${problem.hint}</p>` : nothing}
      ${problem.detail ? html`<p class="quiet" data-detail lang="en"><code>${problem.code}</code> ${problem.detail}</p>` : nothing}
    </div>
  </div>`;
}
