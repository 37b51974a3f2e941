/** What the version on show waits for, and the way on after a no. */

import { Part } from "../lib/element.js";
import { button, html, icon, nothing, problemBox, time } from "../lib/html.js";
import { nameOf } from "../lib/reading.js";
import { fileHash } from "../lib/router.js";
import { mayMake } from "../lib/rights.js";
import { shownFile, shownRun } from "../lib/shown.js";
import { personText } from "../lib/timeline.js";
import { titleOf, words } from "../lib/words.js";
import { decision } from "./decision.js";

const said = words.approval;

class Approval extends Part {
  view(state) {
    const run = shownRun(state);
    const waiting = run?.stages.filter(({ status }) => status === "waiting_approval") ?? [];
    if (waiting.length) return this.#decision(state, run, waiting);
    const rejected = run?.error?.code === "rejected" && run.stages.find(({ stage_key: key }) => key === run.error.stage_key);
    return html`${rejected ? this.#rejected(state, run, rejected) : nothing} ${late(state, run)}`;
  }

  /** The stage whose file is being read; else the first one that waits. */
  #decision(state, run, waiting) {
    const shown = shownFile(state);
    const stage = waiting.find(({ stage_key: key }) => key === shown?.stage_key) ?? waiting[0];
    const others = waiting.filter((one) => one !== stage);
    const intend = (type, facts) => this.intend(type, facts);
    return html`<p class="kicker">${said.kicker}</p>
      ${this.#where(state, run, stage)} ${decision({ run, stage, state, intend })}
      ${
        others.length
          ? html`<p class="quiet">${said.others(others.length)}</p>
              <ul>
                ${others.map((one) => html`<li>${fileLink(run, one, titleOf(one.title))}</li>`)}
              </ul>`
          : nothing
      }`;
  }

  /** Whether the text on show is the one that is decided on. */
  #where({ reader }, run, stage) {
    if (reader?.file.stage_key === stage.stage_key && reader.file.run_id === run.run_id)
      return html`<p class="reading">${icon("file-text")}<span>${said.reading}</span></p>`;
    const files = stage.artifacts;
    if (!files.length) return nothing;
    return html`<p class="reading">${reader ? said.elsewhere : nothing} ${files.map((file) => fileLink(run, stage, nameOf(file), file))}</p>`;
  }

  #rejected(state, run, stage) {
    const { busy, problems, now } = state;
    const { by, at, reason } = stage.gate?.rejected ?? {};
    const revise = () => this.intend("revised", { runId: run.run_id, stageKey: stage.stage_key });
    return html`<section class="approval" data-tone="rejected" aria-labelledby="rejected-title">
      <h3 id="rejected-title">${icon("circle-x")}<span>${said.rejected(titleOf(stage.title))}</span></h3>
      <blockquote dir="auto">${reason ?? (stage.gate?.decision === "expired" ? words.failures.approval_expired : run.error?.message)}</blockquote>
      ${by ? html`<p class="quiet">${personText(by, state, run)}, ${time(at, now)}</p>` : nothing}
      <p class="quiet">${said.revisionHint}</p>
      ${mayMake(state) ? button(said.revise, revise, { name: "retry", kind: "tonal", action: "revise", busy: busy.revision }) : nothing}
      ${problemBox(problems.revision)}
    </section>`;
  }
}

customElements.define("vm-approval", Approval);

/** What this person wanted to decide when somebody else was faster. */
function late({ problems: { approval } }, run) {
  return run && approval?.runId === run.run_id ? problemBox(approval) : nothing;
}

function fileLink(run, stage, label, file = stage.artifacts[0]) {
  if (!file) return label;
  return html`<a href=${fileHash({ run_id: run.run_id, stage_key: stage.stage_key, name: nameOf(file) })}>${label}</a>`;
}
