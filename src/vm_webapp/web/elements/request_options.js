/** What else a request may say, folded away: who writes, what it may cost, and what happens when another version is being made. */

import { button, html, nothing } from "../lib/html.js";
import { isSettled } from "../lib/reduce.js";
import { titleOf, words } from "../lib/words.js";
import { writerChoice } from "../lib/writer_names.js";

const said = words.request;

/** `stop` takes a kind of work from those that the thread offers first. */
export function requestOptions({ writers, runs, thread }, profile, stop) {
  const busy = runs?.items.some((run) => !isSettled(run));
  const first = profile && thread.modes.includes(profile.mode);
  return html`<details class="request-options">
    <summary>${said.options}</summary>
    <div class="request-fields">
      ${writers?.writers.length > 1 ? writerField(writers) : nothing}
      <div class="field">
        <label for="request-budget">${said.budget} <span class="quiet">${words.form.optional}</span></label>
        <input
          id="request-budget"
          name="budget_usd"
          inputmode="decimal"
          autocomplete="off"
          pattern="[0-9]{1,9}([.,][0-9]{1,9})?"
          title=${said.budgetWrong}
          aria-describedby="request-budget-note"
        />
        <p class="quiet" id="request-budget-note">${said.budgetHint}</p>
      </div>
      ${busy ? busyField() : nothing}
      ${
        profile && !first
          ? html`<label class="check"><input type="checkbox" name="keep" value=${profile.mode} /> ${said.keep(titleOf(profile.title))}</label>`
          : nothing
      }
      ${first ? button(said.unkeep(titleOf(profile.title)), () => stop(profile.mode), { kind: "ghost small words", action: "unoffer" }) : nothing}
    </div>
  </details>`;
}

/** What of it goes into the request; a comma is a decimal point here. */
export function readOptions({ writer, budget_usd: budget, on_busy: busy }) {
  return {
    ...(writer && { writer }),
    ...(budget && { budget_usd: budget.replace(",", ".") }),
    ...(busy && { on_busy: busy }),
  };
}

function writerField({ default: usual, writers }) {
  return html`<div class="field">
    <label for="request-writer">${said.writer}</label>
    <select id="request-writer" name="writer">
      <option value="">${said.usualWriter(writerChoice(usual))}</option>
      ${writers.filter((writer) => writer !== usual).map((writer) => html`<option value=${writer}>${writerChoice(writer)}</option>`)}
    </select>
  </div>`;
}

function busyField() {
  return html`<div class="field">
    <label for="request-busy">${said.busy}</label>
    <select id="request-busy" name="on_busy">
      ${Object.entries(said.busyChoices).map(([value, label]) => html`<option value=${value}>${label}</option>`)}
    </select>
  </div>`;
}
