/** The text of a stage while it is written, as plain text where the deliverable will stand; announced to nobody, for it changes all the time. */

import { Part } from "../lib/element.js";
import { html, icon, nothing } from "../lib/html.js";
import { shownDraft } from "../lib/shown.js";
import { titleOf, words } from "../lib/words.js";

class Draft extends Part {
  view(state) {
    const draft = shownDraft(state);
    if (!draft) return nothing;
    const { stage, text } = draft;
    return html`<section class="draft" aria-label=${words.stage.writing(titleOf(stage.title))}>
      <p class="quiet draft-head" data-status="running">${icon("loader")}${words.stage.writing(titleOf(stage.title))}</p>
      <div class="draft-text" tabindex="0" role="group" aria-label=${titleOf(stage.title)}>${text}</div>
    </section>`;
  }
}

customElements.define("vm-draft", Draft);
