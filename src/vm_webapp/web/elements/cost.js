/** What the version on show has cost, where a model wrote, and what the budgets leave. */

import { Part } from "../lib/element.js";
import { html, nothing } from "../lib/html.js";
import { formatUsd, usageWords } from "../lib/money.js";
import { shownRunId } from "../lib/reduce.js";
import { words } from "../lib/words.js";
import { writerName } from "../lib/writer_names.js";

const said = words.cost;

class Cost extends Part {
  view(state) {
    const { runDetails, costs } = state;
    const run = runDetails[shownRunId(state)];
    if (!run) return nothing;
    const budgets = [run.budget_usd && ownBudget(run), costs[`project:${run.project_id}`], costs[`brand:${run.brand_id}`]];
    const limited = budgets.filter((cost) => cost?.budget_usd);
    if (!run.usage && !limited.length) return nothing;
    return html`<div class="cost">
      ${
        run.usage
          ? html`<p class="facts quiet" data-cost>
              <span>${said.line(writerName(run.writer))}</span>${usage(run.usage)}
            </p>`
          : nothing
      }
      ${limited.map(budget)}
    </div>`;
  }
}

customElements.define("vm-cost", Cost);

/** Tokens say something to few people: where there is a price they are a detail. */
function usage(used) {
  const [tokens, ...rest] = usageWords(used);
  return html`<span data-detail=${used.unpriced ? nothing : ""}>${tokens}</span>${rest.map((text) => html`<span>${text}</span>`)}`;
}

/** The version's own budget, in the shape of the others. */
function ownBudget({ budget_usd: limit, usage }) {
  const spent = Number(usage?.cost_usd ?? 0) + Number(usage?.reserved_usd ?? 0);
  return { scope: "run", budget_usd: limit, left_usd: String(Math.max(0, Number(limit) - spent)) };
}

function budget({ scope, budget_usd: limit, left_usd: left }) {
  const rest = Math.max(0, Number(left ?? 0));
  const text = rest > 0 ? said.left(formatUsd(rest), formatUsd(limit)) : said.over(formatUsd(limit));
  return html`<div class="budget" data-scope=${scope} data-spent=${String(rest <= 0)}>
    <span class="quiet">${said.budget[scope]}</span>
    <meter min="0" max=${Number(limit) || 1} low=${Number(limit) / 5} value=${rest} aria-label="${said.budget[scope]}: ${text}"></meter>
    <span class="quiet">${text}</span>
  </div>`;
}
