/** Erases a comment, a version or a whole thread for good, once its reader has seen what goes and what is not reached. */

import { Dialog } from "../lib/dialog.js";
import { kept } from "../lib/drafts.js";
import { formValues } from "../lib/element.js";
import { html, icon, nothing, problemBox, still } from "../lib/html.js";
import { versionOf } from "../lib/timeline.js";
import { language, words } from "../lib/words.js";
import tables from "../lib/words/erasure.js";

const said = tables[language];

class ErasureDialog extends Dialog {
  view(state) {
    const { dialog, erasure, busy, problems } = state;
    const { subject } = dialog;
    const atWork = erasure?.unsettled.length;
    return html`<dialog class="card form" aria-labelledby="erasure-heading" aria-describedby="erasure-what">
      <form class="stack" ${kept(`erasure:${subject.comment_id ?? subject.run_id ?? state.threadId}`)} @submit=${(event) => this.#send(event, subject)}>
        <h2 id="erasure-heading">${title(dialog)}</h2>
        <p id="erasure-what">${!erasure ? said.looking : subject.comment_id ? said.takesOne : said.takes(erasure)}</p>
        <p class="callout" data-tone="danger">${icon("circle-x")}<span>${said.forGood}</span></p>
        ${erasure?.elsewhere.length ? left(erasure.elsewhere, state) : nothing}
        ${atWork ? html`<p class="callout">${icon("clock")}<span>${said.atWork}</span></p>` : nothing}
        <div class="field">
          <label for="erasure-reason">${said.reason}</label>
          <input id="erasure-reason" dir="auto" name="reason" required maxlength="200" autocomplete="off" aria-describedby="erasure-hint" />
          <p class="quiet" id="erasure-hint">${said.hint}</p>
        </div>
        ${problemBox(problems.preview)} ${problemBox(problems.erasure)}
        <div class="row end">
          <button class="button" type="button" @click=${() => this.close()}>${said.cancel}</button>
          <button class="button danger" type="submit" aria-disabled=${still(!erasure || atWork || busy.erasure)}>${busy.erasure ? said.erasing : said.send}</button>
        </div>
      </form>
    </dialog>`;
  }

  shown() {
    this.intend("erasure_asked", { subject: this.closest("vm-dialogs").last[0].dialog.subject });
  }

  #send(event, subject) {
    event.preventDefault();
    const form = event.currentTarget;
    this.intend("content_erased", { subject, ...formValues(form), done: () => form.reset() });
  }
}

customElements.define("vm-erasure-dialog", ErasureDialog);

function title({ run, subject }) {
  if (subject.comment_id) return said.titleOfComment;
  return run ? said.title(words.run.version(run.number)) : said.titleOfThread;
}

/** Where copies are left; each is a version of this thread, or a rule of the brand. */
function left(elsewhere, state) {
  return html`<div>
    <p class="quiet">${said.elsewhere}</p>
    <ul class="quiet">
      ${elsewhere.map(({ kind, id, why }) => html`<li>${kind === "run" ? (versionOf(id, state) ?? said.otherVersion) : said.rule}: ${said.why[why]}</li>`)}
    </ul>
  </div>`;
}
