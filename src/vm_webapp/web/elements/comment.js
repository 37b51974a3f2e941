/** What people say about the thread or one of its versions. */

import { formDraft, kept } from "../lib/drafts.js";
import { formValues, Part } from "../lib/element.js";
import { html, icon, keyed, menu, nothing, problemBox, repeat, still, time } from "../lib/html.js";
import { shownRunId } from "../lib/reduce.js";
import { may } from "../lib/rights.js";
import { personText, versionOf } from "../lib/timeline.js";
import { titleOf, words } from "../lib/words.js";

class Comments extends Part {
  view(state) {
    const { comments, threadId } = state;
    if (!comments) return nothing;
    const draft = `comment:${threadId}`;
    return html`<details class="panel" open>
      <summary>
        <h2>${words.comment.many}</h2>
        <span class="quiet">${comments.items.length || ""}</span>${icon("chevron")}
      </summary>
      ${keyed(draft, this.#form(state, draft))}
      ${comments.items.length ? nothing : html`<p class="quiet">${words.comment.none}</p>`}
      <ul class="notes">
        ${repeat(
          comments.items,
          (comment) => comment.comment_id,
          (comment) => this.#note(comment, state),
        )}
      </ul>
      ${this.more("comments", words.comment.more, state)}
    </details>`;
  }

  #form(state, draft) {
    const { busy, problems } = state;
    const typed = ({ target }) => target.value || this.update(state);
    return html`<form class="stack" ${kept(draft)} @input=${typed} @submit=${(event) => this.#send(event)}>
      <label class="visually-hidden" for="comment-text">${words.comment.label}</label>
      <textarea id="comment-text" dir="auto" name="text" rows="2" required maxlength="10000" placeholder=${words.comment.label}></textarea>
      <div class="row spread">
        ${subjects(state, formDraft(draft))}
        <button class="button small" type="submit" aria-disabled=${still(busy.comment)}>${words.comment.send}</button>
      </div>
      ${problemBox(problems.comment)}
    </form>`;
  }

  #note(comment, state) {
    const version = comment.run_id && versionOf(comment.run_id, state);
    const stage = state.runDetails[comment.run_id]?.stages.find(({ stage_key: key }) => key === comment.stage_key);
    const about = stage ? words.comment.stage(titleOf(stage.title), version ?? "") : version && words.comment.about(version);
    return html`<li>
      <div class="row spread">
        <p class="quiet">
          <strong>${personText(comment.actor_id, state)}</strong> ${time(comment.created_at, state.now)}
          ${about ? html`<span>· ${about}</span>` : nothing}
        </p>
        ${may(state, "administer") && !comment.erased ? this.#menu(comment) : nothing}
      </div>
      <p class="note-text" dir="auto">${comment.text}</p>
    </li>`;
  }

  #menu({ comment_id: id }) {
    const ask = () => this.intend("dialog_opened", { dialog: { name: "erasure", subject: { comment_id: id } } });
    return menu(words.comment.menu, html`<li><button type="button" data-action="erase-comment" @click=${ask}>${icon("x")}${words.comment.erase}</button></li>`);
  }

  #send(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const { text, about } = formValues(form);
    if (!text) return;
    const [runId, stageKey] = about?.split("/") ?? [];
    const subject = { ...(runId && { run_id: runId }), ...(stageKey && { stage_key: stageKey }) };
    this.intend("commented", { values: { text, ...subject }, done: () => form.reset() });
  }
}

/**
 * What a comment is about: the version on show unless another is chosen, one of its stages, or the whole thread. What has
 * been begun stays about the version that it was begun for.
 */
function subjects(state, { text, about }) {
  const runId = (text && about?.split("/")[0]) || shownRunId(state);
  const version = versionOf(runId, state);
  if (!version) return html`<span></span>`;
  const stages = state.runDetails[runId]?.stages.filter(({ artifacts }) => artifacts.length) ?? [];
  return html`<select class="small" name="about" aria-label=${words.comment.subject}>
    <option value=${runId}>${words.comment.about(version)}</option>
    ${stages.map(({ stage_key: key, title }) => html`<option value="${runId}/${key}">${words.comment.stage(titleOf(title), version)}</option>`)}
    <option value="">${words.comment.whole}</option>
  </select>`;
}

customElements.define("vm-comments", Comments);
