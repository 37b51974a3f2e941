/** Which brand one works for, and the way to another, to its words, and to a new one. */

import { Part } from "../lib/element.js";
import { html, iconButton, live, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

class Brand extends Part {
  view({ brands, brandId }) {
    if (!brands?.length) return nothing;
    const brand = brands.find((one) => one.brand_id === brandId);
    return html`<div class="brand">
      <label for="brand-choice">${words.brand.choose}</label>
      <div class="brand-row">
        <select
          id="brand-choice"
          .value=${live(brandId ?? "")}
          @change=${({ target }) => this.intend("brand_chosen", { brandId: target.value })}
        >
          ${brands.map(({ brand_id: id, name }) => html`<option value=${id} ?selected=${id === brandId}>${name}</option>`)}
        </select>
        ${iconButton("pencil", words.brand.edit, () => this.#open(brand), { disabled: !brand })}
        ${iconButton("plus", words.brand.make, () => this.#open(null))}
      </div>
    </div>`;
  }

  #open(item) {
    this.intend("form_opened", { noun: "brand", item });
  }
}

customElements.define("vm-brand", Brand);
