/** A decision, beside the text that it is about: policy, evidence, yes and no, and what exactly is bound. */

import { formatSize } from "../lib/dates.js";
import { draftFor, shownDigest, placeOf } from "../lib/deciding_state.js";
import { kept } from "../lib/drafts.js";
import { filled, formValues } from "../lib/element.js";
import { grantWords, obstacle, policyWords } from "../lib/gate.js";
import { button, html, icon, keyed, nothing, problemBox, still } from "../lib/html.js";
import { nameOf } from "../lib/reading.js";
import { titleOf, words } from "../lib/words.js";
import { readRule, ruleFields } from "./rule_fields.js";

const said = words.approval;
const FIRST = 1;

/** The panel for a stage that waits; `intend` tells app.js what the person says. `id` keeps two panels apart, `kind` is how the yes looks. */
export function decision({ run, stage, state, intend, id = "approval", kind = "tonal" }) {
  const { busy, problems, now } = state;
  const gate = stage.gate ?? { granted: [], breaches: [], quorum: 1, role: "approver" };
  const digest = shownDigest(state, run, stage);
  const changed = digest !== stage.manifest_sha256;
  const draft = (form) => draftFor(form, run, stage, digest);
  const noApproval = obstacle(run, gate, state, { toApprove: true });
  const noRejection = obstacle(run, gate, state, { toApprove: false });
  const say = (type, facts) => intend(type, { run, stage, ...facts });
  const panel = html`<section class="approval" aria-labelledby="${id}-title" data-stage-key=${stage.stage_key}>
    <h3 id="${id}-title">${icon("hand")}<span>${said.title(titleOf(stage.title), !noApproval)}</span></h3>
    <p class="policy">${policyWords(gate, now).join(" ")}</p>
    ${grantWords(gate, state).map((text) => html`<p class="grant">${icon("check")}${text}</p>`)}
    ${evidence(run, gate, state, stage)} ${changed ? renewal(() => intend("decision_renewed", { run, stage })) : nothing}
    ${noApproval ? html`<p class="callout">${icon("lock")}<span>${noApproval}</span></p>` : yes({ id, kind, gate, say, draft: draft("approval"), busy: busy.approval || changed })}
    ${noRejection || gate.decision ? nothing : no({ id, say, draft: draft("rejection"), busy: busy.approval || changed })}
    ${problemBox(problems.approval)} ${bound(stage, digest)}
  </section>`;
  return keyed(draft(id), panel);
}

/** Others changed the files while this person looked: nothing is decided before they are seen. */
function renewal(act) {
  return html`<div class="callout" data-tone="danger" role="alert">
    ${icon("alert")}
    <div><p>${said.changed}</p></div>
    ${button(said.reload, act, { kind: "small", action: "renew" })}
  </div>`;
}

function yes({ id, kind, gate, say, draft, busy }) {
  const waives = gate.breaches.length > 0;
  const send = (event) => {
    event.preventDefault();
    say("approved", { comment: formValues(event.currentTarget).comment });
  };
  return html`<form class="stack" data-form="approval" ${kept(draft)} @submit=${send}>
    <div class="field">
      <label for="${id}-comment"
        >${waives ? said.waiver : html`${said.comment} <span class="quiet">${words.form.optional}</span>`}</label
      >
      <textarea dir="auto" id="${id}-comment" name="comment" rows="1" maxlength="10000" ?required=${waives}></textarea>
      ${waives ? html`<p class="quiet">${said.waiverHint}</p>` : nothing}
    </div>
    <button class="button ${kind}" type="submit" data-action="approve" aria-disabled=${still(busy)}>
      ${icon("check")}${waives ? said.waive : said.approve}
    </button>
  </form>`;
}

function no({ id, say, draft, busy }) {
  const send = (event) => {
    event.preventDefault();
    const values = formValues(event.currentTarget);
    if (filled(event.currentTarget))
      say("rejected", { reason: values.reason, rule: values.keep ? readRule(values, values.reason) : null });
  };
  /** Whoever opens it begins to type. */
  const begin = ({ target }) => target.open && target.contains(document.activeElement) && target.querySelector("textarea").focus();
  return html`<details class="rejecting" data-action="reject" @toggle=${begin}>
    <summary class="button">${said.reject}</summary>
    <form class="stack" data-form="rejection" ${kept(draft)} @submit=${send}>
      <div class="field">
        <label for="${id}-reason">${said.reason}</label>
        <textarea dir="auto" id="${id}-reason" name="reason" rows="2" required maxlength="10000"></textarea>
      </div>
      <label class="check"><input type="checkbox" name="keep" value="yes" /> <span>${said.keep}</span></label>
      ${ruleFields(`${id}-rule`)}
      <p class="quiet">${said.rejectHint}</p>
      <button class="button danger" type="submit" aria-disabled=${still(busy)}>${said.confirm}</button>
    </form>
  </details>`;
}

/** Which rules are broken, and where. */
function evidence(run, gate, state, stage) {
  if (!gate.breaches.length) return nothing;
  const all = state.manifests[placeOf(run.run_id, stage.stage_key)]?.rules?.breaches ?? [];
  const found = all.filter(({ rule_id: id }) => gate.breaches.includes(id));
  return html`<div class="breaches">
    <p class="breaches-head">${icon("alert")}<strong>${said.breaches(gate.breaches.length)}</strong></p>
    ${found.map(
      ({ rule_text: text, problem, evidence: places }) =>
        html`<div class="breach">
          <p dir="auto"><strong>${text}</strong></p>
          <p>${said.problem(problem)}</p>
          <ul aria-label=${said.evidence}>
            ${places.slice(0, FIRST).map(spot)}
          </ul>
          ${
            places.length > FIRST
              ? html`<details>
                  <summary>${said.morePlaces(places.length - FIRST)}</summary>
                  <ul>
                    ${places.slice(FIRST).map(spot)}
                  </ul>
                </details>`
              : nothing
          }
        </div>`,
    )}
  </div>`;
}

function spot({ path, line, excerpt }) {
  return html`<li><span class="quiet">${said.place(nameOf({ path }), line)}</span>${excerpt ? html`<q dir="auto">${excerpt}</q>` : nothing}</li>`;
}

/** What the digest stands for: each file, by name, size and digest. */
function bound(stage, digest) {
  return html`<details class="bound">
    <summary>${said.exact}</summary>
    <p class="quiet">${said.exactHint}</p>
    <dl>
      ${stage.artifacts.map(
        (artifact) => html`<div><dt>${nameOf(artifact)} <span class="quiet">${formatSize(artifact.size)}</span></dt><dd><code>${artifact.sha256}</code></dd></div>`,
      )}
      <div><dt>${said.whole}</dt><dd><code data-digest>${digest}</code></dd></div>
    </dl>
  </details>`;
}
