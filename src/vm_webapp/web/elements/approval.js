/** A stage that waits for a person's word: the decision names the digest of exactly the files that are on show. */

import { formValues, Part } from "../lib/element.js";
import { html, icon, nothing, problemBox } from "../lib/html.js";
import { shownRunId } from "../lib/reduce.js";
import { words } from "../lib/words.js";

const said = words.approval;

class Approval extends Part {
  view(state) {
    const run = state.runDetails[shownRunId(state)];
    const stage = run?.stages.find(({ status }) => status === "waiting_approval");
    if (!stage) return nothing;
    const { busy, problems } = state;
    return html`<section class="approval" aria-labelledby="approval-title" data-stage-key=${stage.stage_key}>
      <h3 id="approval-title">${icon("hand")}${said.title(stage.title)}</h3>
      <p>${said.text}</p>
      <button class="button primary small" ?disabled=${busy.approval} @click=${() => this.#say("approved", run, stage)}>
        ${icon("check")}${said.approve}
      </button>
      <details>
        <summary>${said.reject}</summary>
        <form class="stack" @submit=${(event) => this.#reject(event, run, stage)}>
          <div class="field">
            <label for="approval-reason">${said.reason}</label>
            <textarea id="approval-reason" name="reason" rows="2" required maxlength="10000"></textarea>
            <p class="quiet">${said.rejectHint}</p>
          </div>
          <div class="row end">
            <button class="button small" type="submit" ?disabled=${busy.approval}>${said.confirm}</button>
          </div>
        </form>
      </details>
      ${problemBox(problems.approval)}
    </section>`;
  }

  #say(intent, run, stage, values = {}) {
    this.intend(intent, { run, stage, values: { ...values, manifest_sha256: stage.manifest_sha256 } });
  }

  #reject(event, run, stage) {
    event.preventDefault();
    const { reason } = formValues(event.currentTarget);
    if (reason) this.#say("rejected", run, stage, { reason });
  }
}

customElements.define("vm-approval", Approval);
