/** The rules of a brand: what stands, a new one, and retiring one. */

import { Dialog } from "../lib/dialog.js";
import { kept } from "../lib/drafts.js";
import { formValues } from "../lib/element.js";
import { button, html, icon, nothing, problemBox, repeat, still } from "../lib/html.js";
import { words } from "../lib/words.js";
import { readRule, ruleFields } from "./rule_fields.js";

const said = words.rule;

class RulesDialog extends Dialog {
  view({ dialog, brands, rules, busy, problems }) {
    const { brandId } = dialog;
    const all = rules[brandId];
    const brand = brands?.find(({ brand_id: id }) => id === brandId);
    const active = all?.filter(({ status }) => status === "active") ?? [];
    const retired = all?.filter(({ status }) => status !== "active") ?? [];
    return html`<dialog class="card form rules" aria-labelledby="rules-heading">
      <div class="stack">
        <h2 id="rules-heading">${said.title(brand?.name ?? "")}</h2>
        <p class="quiet">${said.text}</p>
        ${problemBox(problems.rules)} ${all ? nothing : html`<p class="quiet">${said.loading}</p>`}
        ${all && !active.length ? html`<div class="empty-rules"><p><strong>${said.none}</strong></p><p class="quiet">${said.noneHint}</p></div>` : nothing}
        <ul class="rule-list">
          ${repeat(
            active,
            ({ rule_id: id }) => id,
            (rule) => this.#rule(rule, busy.rule),
          )}
        </ul>
        <details ?open=${dialog.adding}>
          <summary>${icon("plus")}${said.add}</summary>
          <form class="stack" data-form="rule" ${kept(`rule:${brandId}`)} @submit=${(event) => this.#add(event, brandId)}>
            ${ruleFields("rule")}
            <button class="button primary" type="submit" aria-disabled=${still(busy.rule)}>${said.add}</button>
          </form>
        </details>
        ${problemBox(problems.rule)} ${retired.length ? past(retired) : nothing}
        <div class="row end">${button(said.close, () => this.close())}</div>
      </div>
    </dialog>`;
  }

  shown() {
    this.intend("rules_asked", { brandId: this.closest("vm-dialogs").last[0].dialog.brandId });
  }

  #rule(rule, busy) {
    const { rule_id: ruleId, brand_id: brandId, text, check } = rule;
    return html`<li data-rule-id=${ruleId}>
      <div>
        <p dir="auto">${text}</p>
        ${check ? html`<p class="quiet">${said.says[check.kind]?.(check)}</p>` : nothing}
        ${rule.from_rejection ? html`<p class="quiet">${said.from}</p>` : nothing}
      </div>
      <button
        class="button small"
        type="button"
        aria-label=${said.retireNamed(text)}
        aria-disabled=${still(busy)}
        @click=${() => this.intend("rule_retired", { brandId, ruleId })}
      >
        ${said.retire}
      </button>
    </li>`;
  }

  #add(event, brandId) {
    event.preventDefault();
    const form = event.currentTarget;
    this.intend("rule_added", { brandId, values: readRule(formValues(form)), done: () => form.reset() });
  }
}

customElements.define("vm-rules-dialog", RulesDialog);

function past(rules) {
  return html`<details>
    <summary class="quiet">${said.retired(rules.length)}</summary>
    <ul class="rule-list">
      ${rules.map(({ text }) => html`<li class="quiet" dir="auto">${text}</li>`)}
    </ul>
  </details>`;
}
