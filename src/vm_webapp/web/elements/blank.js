/** A place where nothing is (yet, or any more), drawn: a picture, what is the matter, and the way on. */

import { html, nothing } from "../lib/html.js";

/** Strokes only, in the page's colours: `.far` steps back, `.near` is paper, `.mark` is what it is about. */
const DRAWINGS = {
  sheets: html`<svg class="drawing" viewBox="0 0 120 96" aria-hidden="true" focusable="false">
    <rect class="far" x="20" y="20" width="44" height="58" rx="4" transform="rotate(-9 42 49)" />
    <rect class="far" x="56" y="20" width="44" height="58" rx="4" transform="rotate(9 78 49)" />
    <rect class="near" x="38" y="14" width="44" height="60" rx="4" />
    <path class="line" d="M46 28h28M46 37h28M46 46h18" />
    <path class="mark" d="M76 62v20M66 72h20" />
  </svg>`,
  tray: html`<svg class="drawing" viewBox="0 0 120 96" aria-hidden="true" focusable="false">
    <path class="near" d="M24 54 36 22h48l12 32v24a5 5 0 0 1-5 5H29a5 5 0 0 1-5-5z" />
    <path class="line" d="M24 54h22l6 11h16l6-11h22" />
    <path class="mark" d="m48 40 9 9 17-18" />
  </svg>`,
  lens: html`<svg class="drawing" viewBox="0 0 120 96" aria-hidden="true" focusable="false">
    <rect class="far" x="28" y="12" width="48" height="66" rx="4" />
    <path class="line" d="M38 28h28M38 38h28M38 48h14M38 58h10" />
    <circle class="near" cx="72" cy="54" r="17" />
    <path class="mark" d="m84.500 66.500 14 14" />
  </svg>`,
  lost: html`<svg class="drawing" viewBox="0 0 120 96" aria-hidden="true" focusable="false">
    <rect class="far gone" x="38" y="12" width="44" height="60" rx="4" />
    <path class="line gone" d="M46 26h28M46 35h18" />
    <path class="mark" d="M54 50a6 6 0 1 1 8 5.700c-1.400.5-2 1.300-2 2.800v1M60 65v.5" />
    <path class="line" d="M24 84h72" />
  </svg>`,
};

/** `heading`: the words are the heading of the page; `acts` are buttons and links. */
export function blank(drawing, { title, hint, acts = nothing, heading = false }) {
  return html`<section class="blank">
    ${DRAWINGS[drawing]} ${heading ? html`<h1 tabindex="-1">${title}</h1>` : html`<p class="blank-title">${title}</p>`}
    ${hint ? html`<p class="quiet">${hint}</p>` : nothing}
    <div class="row">${acts}</div>
  </section>`;
}
