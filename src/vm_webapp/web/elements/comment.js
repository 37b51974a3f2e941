/** What people say about the thread or one of its versions. */

import { formValues, Part } from "../lib/element.js";
import { html, icon, nothing, problemBox, repeat, time } from "../lib/html.js";
import { shownRunId } from "../lib/reduce.js";
import { personText, versionOf } from "../lib/timeline.js";
import { words } from "../lib/words.js";

class Comments extends Part {
  view(state) {
    const { comments, busy, problems } = state;
    if (!comments) return nothing;
    const version = versionOf(shownRunId(state), state);
    return html`<details class="panel" open>
      <summary>
        <h2>${words.comment.many}</h2>
        <span class="quiet">${comments.items.length || ""}</span>${icon("chevron")}
      </summary>
      <form class="stack" @submit=${(event) => this.#send(event, shownRunId(state))}>
        <label class="visually-hidden" for="comment-text">${words.comment.label}</label>
        <textarea
          id="comment-text"
          name="text"
          rows="2"
          required
          maxlength="10000"
          placeholder=${words.comment.label}
        ></textarea>
        <div class="row spread">
          ${version ? about(version) : html`<span></span>`}
          <button class="button small" type="submit" ?disabled=${busy.comment}>${words.comment.send}</button>
        </div>
        ${problemBox(problems.comment)}
      </form>
      ${comments.items.length ? nothing : html`<p class="quiet">${words.comment.none}</p>`}
      <ul class="notes">
        ${repeat(
          comments.items,
          (comment) => comment.comment_id,
          (comment) => note(comment, state),
        )}
      </ul>
      ${this.more("comments", words.comment.more, state)}
    </details>`;
  }

  #send(event, runId) {
    event.preventDefault();
    const form = event.currentTarget;
    const { text, about } = formValues(form);
    if (text)
      this.intend("commented", { values: about ? { text, run_id: runId } : { text }, done: () => form.reset() });
  }
}

function about(version) {
  return html`<label class="check"><input type="checkbox" name="about" /> ${words.comment.about(version)}</label>`;
}

function note(comment, state) {
  const version = comment.run_id && versionOf(comment.run_id, state);
  return html`<li>
    <p class="quiet">
      <strong>${personText(comment.actor_id)}</strong> ${time(comment.created_at, state.now)}
      ${version ? html`<span>· ${words.comment.about(version)}</span>` : nothing}
    </p>
    <p class="note-text">${comment.text}</p>
  </li>`;
}

customElements.define("vm-comments", Comments);
