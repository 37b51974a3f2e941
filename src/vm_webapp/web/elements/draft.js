/** The text of a stage while it is written, where the deliverable will stand; announced to nobody, for it changes all the time. */

import { Part } from "../lib/element.js";
import { html, icon, nothing } from "../lib/html.js";
import { toldStatus } from "../lib/progress.js";
import { isSettled } from "../lib/reduce.js";
import { shownDraft, shownFile, shownRun } from "../lib/shown.js";
import { tongueOf } from "../lib/tongue.js";
import { titleOf, words } from "../lib/words.js";

const NEAR = 48;

class Draft extends Part {
  /** Whoever reads at the end stays at the end; whoever reads above is left where they are. */
  update(state) {
    const page = document.scrollingElement;
    const follows = this.firstElementChild && page.scrollTop > 0 && page.scrollHeight - page.scrollTop - innerHeight < NEAR;
    super.update(state);
    if (follows && this.firstElementChild) page.scrollTop = page.scrollHeight;
  }

  view(state) {
    const draft = shownDraft(state);
    if (!draft) return empty(state);
    const { stage, text } = draft;
    const title = titleOf(stage.title);
    return html`<section class="draft" aria-label=${words.stage.writing(title)}>
      <p class="quiet draft-head" data-status="running">${icon("loader")}${words.stage.writing(title)}</p>
      <div class="draft-text" lang=${tongueOf(text) ?? nothing}>${text.split("\n\n").map(paragraph)}</div>
    </section>`;
  }
}

customElements.define("vm-draft", Draft);

/** Nothing was made or written yet: what the centre waits for. */
function empty(state) {
  const run = shownRun(state);
  if (!run || isSettled(run) || shownFile(state)) return nothing;
  const stage = run.stages.find(({ status }) => status === "running") ?? run.stages.find((one) => toldStatus(one) === "retrying");
  if (!stage) return nothing;
  const status = toldStatus(stage);
  const title = titleOf(stage.title);
  return html`<p class="empty-centre" data-status=${status}>
    ${icon(status === "retrying" ? "clock" : "loader")}<span>${status === "retrying" ? words.stage.pausing(title) : words.stage.preparing(title)}</span>
  </p>`;
}

/** Plain text, but for the marks of headings and lists, so that little changes when the finished text takes its place. */
function paragraph(text) {
  const [, marks, heading] = /^(#{1,6}) (.*)$/s.exec(text) ?? [];
  return marks ? html`<p dir="auto" data-level=${marks.length}>${heading}</p>` : html`<p dir="auto">${text.replace(/^( *)[-*] /gm, "$1• ")}</p>`;
}
