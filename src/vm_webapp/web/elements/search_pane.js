/** Deliverables by what they say. What was found is text: marks are elements, never markup from outside. */

import { formValues, Part } from "../lib/element.js";
import { button, html, icon, live, nothing, problemBox, repeat, time } from "../lib/html.js";
import { nameOf } from "../lib/reading.js";
import { fileHash } from "../lib/router.js";
import { tongueOf } from "../lib/tongue.js";
import { language, titleOf, words } from "../lib/words.js";
import tables from "../lib/words/search.js";
import { blank } from "./blank.js";

const said = tables[language];

class SearchPane extends Part {
  update(state) {
    const first = !this.firstElementChild;
    super.update(state);
    if (first) this.querySelector("input").focus();
  }

  view({ search, route, brands, brandId, now }) {
    const filters = route.filters ?? {};
    const id = filters.brandId || brandId;
    const name = brands?.find(({ brand_id: one }) => one === id)?.name;
    const send = (event) => this.#send(event);
    return html`<section class="search" aria-labelledby="search-title">
      <h1 id="search-title">${said.title}</h1>
      <form class="search-form" role="search" @submit=${send} @change=${({ currentTarget, target }) => target.type === "checkbox" && currentTarget.requestSubmit()}>
        <div class="search-row">
          <input name="q" dir="auto" type="search" maxlength="1000" autocomplete="off" aria-label=${said.label} placeholder=${said.placeholder} .value=${live(route.q)} />
          <button class="button primary" type="submit">${icon("search")}${said.send}</button>
        </div>
        <div class="row">
          ${
            brands?.length > 1 && id
              ? html`<label class="check"><input type="checkbox" name="brand" value=${id} .checked=${live(Boolean(filters.brandId))} /><span>${name ? html`${said.inBrand} <bdi>${name}</bdi>` : said.brand}</span></label>`
              : nothing
          }
          <label class="check"><input type="checkbox" name="approved" value="yes" .checked=${live(Boolean(filters.approved))} /><span>${said.approved} <span class="quiet">${said.approvedHint}</span></span></label>
        </div>
      </form>
      <div class="search-found" aria-live="polite" aria-busy=${String(search.status === "loading")}>${this.#found(search, { ...route, brands, now })}</div>
    </section>`;
  }

  #found(search, { q, filters = {}, brands, now }) {
    const several = brands?.length > 1 && !filters.brandId;
    if (!q) return blank("lens", { title: said.start, hint: said.startHint });
    if (search.status === "failed") return problemBox(search.problem);
    if (search.q !== q || (search.status === "loading" && !search.results.length)) return html`<p class="quiet">${said.loading}</p>`;
    if (!search.results.length) return blank("lens", { title: said.none(q), hint: said.noneHint(Boolean(filters.brandId || filters.approved)) });
    return html`<p class="quiet">${said.found(search.results.length, Boolean(search.next))}</p>
      <ol class="results">
        ${repeat(
          search.results,
          ({ run_id: run, stage_key: stage, path }) => `${run}/${stage}/${path}`,
          (result) => html`<li>${card(result, { now, brand: several && brands.find(({ brand_id: one }) => one === result.brand_id)?.name })}</li>`,
        )}
      </ol>
      ${search.next ? button(said.more, () => this.intend("search_more"), { kind: "small" }) : nothing}`;
  }

  #send(event) {
    event.preventDefault();
    const { q, brand = "", approved } = formValues(event.currentTarget);
    this.intend("searched", { q, filters: { brandId: brand, approved: Boolean(approved) } });
  }
}

customElements.define("vm-search-pane", SearchPane);

/** `brand` is named where there are several to tell apart. */
function card(result, { now, brand }) {
  const name = nameOf(result);
  const pieces = /\.csv$/i.test(name) ? result.snippet.map(ofTable) : result.snippet;
  const file = { run_id: result.run_id, stage_key: result.stage_key, name };
  return html`<a class="result" href=${fileHash(file)}>
    <span class="result-head"
      ><strong dir="auto">${titleOf(result.title)}</strong>
      ${result.granted ? html`<span class="status" data-status="completed">${icon("circle-check")}<span>${said.approvedMark}</span></span>` : result.granted === null ? html`<span class="quiet">${said.unknownMark}</span>` : nothing}</span
    >
    <span class="result-text" dir="auto" lang=${tongueOf(pieces.map(({ text }) => text).join("")) ?? nothing}>${pieces.map(({ text, match }) => (match ? html`<mark>${text}</mark>` : text))}</span>
    <span class="quiet"
      >${brand ? html`<bdi>${brand}</bdi> · ` : nothing}<bdi>${result.thread_title}</bdi> · ${words.run.version(result.number)} · <bdi>${name}</bdi> · ${time(result.created_at, now)}</span
    >
  </a>`;
}

/** A piece of a table as it is read: cells with a point between them, without the marks that only the file needs. */
function ofTable({ text, match }) {
  return { match, text: text.replace(/"*(?:,"*)+(?! )/g, " · ").replace(/"("?)/g, "$1") };
}
