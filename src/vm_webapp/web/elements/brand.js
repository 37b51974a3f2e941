/** Which brand one works for, and the way to another, to its words, and to a new one. */

import { Part } from "../lib/element.js";
import { html, icon, live, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

customElements.define("vm-brand", class extends Part {
  view({ brands, brandId }) {
    if (!brands?.length) return nothing;
    const brand = brands.find((one) => one.brand_id === brandId);
    return html`<div class="brand">
      <label for="brand-choice">${words.brand.choose}</label>
      <div class="brand-row">
        <select id="brand-choice" .value=${live(brandId ?? "")} @change=${({ target }) => this.intend("brand_chosen", { brandId: target.value })}>
          ${brands.map((one) => html`<option value=${one.brand_id} ?selected=${one.brand_id === brandId}>${one.name}</option>`)}
        </select>
        <button class="button ghost" type="button" ?disabled=${!brand} title=${words.brand.edit} @click=${() => this.intend("form_opened", { noun: "brand", item: brand })}>
          ${icon("pencil")}<span class="visually-hidden">${words.brand.edit}</span></button>
        <button class="button ghost" type="button" title=${words.brand.make} @click=${() => this.intend("form_opened", { noun: "brand", item: null })}>
          ${icon("plus")}<span class="visually-hidden">${words.brand.make}</span></button>
      </div>
    </div>`;
  }
});
