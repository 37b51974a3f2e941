/** The form that asks for a new version; its markup stands in index.html. What is typed is kept per thread until it is sent. */

import { draftOf, keepDraft } from "../lib/drafts.js";
import { formValues, Part } from "../lib/element.js";
import { letGo } from "../lib/keyboard.js";
import { html, nothing, problemBox, render } from "../lib/html.js";
import { may } from "../lib/rights.js";
import { titleOf, words } from "../lib/words.js";

const said = words.request;

class RequestForm extends Part {
  #threadId = null;
  #modes = "";
  #options = null;

  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.form.elements.request_text;
    this.mode = this.form.elements.mode;
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.text.addEventListener("input", () => keepDraft(this.#threadId, this.text.value));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    this.form.addEventListener("keydown", ({ key }) => key === "Escape" && this.#fold(letGo));
    this.form.addEventListener("focusin", () => this.#open(true));
    document.addEventListener("pointerdown", ({ target }) => this.contains(target) || this.#open(Boolean(this.text.value)));
    this.mode.addEventListener("change", () => this.#describe());
    this.mode.replaceChildren();
  }

  update(state) {
    const { thread, runs, busy, problems, profiles } = state;
    if (!thread) return;
    this.state = state;
    this.profiles = profiles;
    if (thread.thread_id !== this.#threadId) this.#turnTo(thread.thread_id);
    this.dataset.first = String(runs?.items.length === 0);
    if (this.dataset.first === "true") this.#wantOptions();
    this.#offer(profiles, thread.modes);
    const locked = thread.status === "closed" || !may(state, "edit");
    const button = this.form.querySelector("[type=submit]");
    [button.disabled, button.ariaDisabled] = [locked, busy.request ? "true" : null];
    this.text.disabled = this.mode.disabled = locked;
    this.text.placeholder = may(state, "edit") ? said.placeholder : said.notAllowed;
    this.#slot("send").textContent = busy.request ? said.sending : said.send;
    this.#slot("first").hidden = this.dataset.first !== "true";
    render(problemBox(problems.request), this.#slot("problem"));
    this.#show(state, this.#profile());
  }

  /** The request of a version, to be asked for in other words; what somebody had begun to write is not written over. */
  take({ request_text: text, mode }) {
    if (!this.text.value.trim()) {
      this.text.value = text;
      if (this.profiles.some((profile) => profile.mode === mode)) this.mode.value = mode;
      keepDraft(this.#threadId, text);
      this.#describe();
    }
    this.text.focus();
  }

  #turnTo(threadId) {
    this.#threadId = threadId;
    this.text.value = draftOf(threadId);
    this.#open(Boolean(this.text.value));
    this.#modes = "";
  }

  #open(open) {
    this.form.dataset.open = String(open);
    if (open) this.#wantOptions();
  }

  /** Escape lets go of the form, and what was typed stays; once it is sent, the keyboard goes to the text. */
  #fold(leave) {
    this.#open(false);
    leave();
  }

  /** The thread's own kinds first; rewritten only when they change, for an open list must not close under the hand. */
  #offer(profiles, modes) {
    const key = JSON.stringify([profiles.map(({ mode, title }) => [mode, title]), modes]);
    if (key === this.#modes) return;
    const first = !this.#modes;
    this.#modes = key;
    const chosen = this.mode.value;
    const own = profiles.filter(({ mode }) => modes.includes(mode));
    const other = profiles.filter(({ mode }) => !modes.includes(mode));
    render(
      own.length ? [group(said.own, own), other.length ? group(said.other, other) : nothing] : options(profiles),
      this.mode,
    );
    const usual = own[0] ?? profiles.find((profile) => profile.default) ?? profiles[0];
    this.mode.value = !first && profiles.some(({ mode }) => mode === chosen) ? chosen : usual?.mode;
    this.#describe();
  }

  #profile() {
    return this.profiles.find(({ mode }) => mode === this.mode.value);
  }

  #describe() {
    const profile = this.#profile();
    this.#slot("stages").textContent = profile ? said.stages(profile.stages.map(({ title }) => titleOf(title))) : "";
    this.#show(this.state, profile);
  }

  /** What else a request may say comes when somebody turns to the form. */
  async #wantOptions() {
    if (this.#options) return;
    this.#options = await import("./request_options.js").catch(() => null);
    if (this.state) this.#show(this.state, this.#profile());
  }

  #show(state, profile) {
    const stop = (mode) => this.intend("mode_removed", { mode });
    if (this.#options && state.thread) render(this.#options.requestOptions(state, profile, stop), this.#slot("options"));
  }

  #submit(event) {
    event.preventDefault();
    const { request_text: text, mode, ...rest } = formValues(this.form);
    this.text.setCustomValidity(text ? "" : said.empty);
    if (!this.form.reportValidity()) return this.text.setCustomValidity("");
    const threadId = this.#threadId;
    const done = () => this.#sent(threadId);
    this.intend("requested", { values: { request_text: text, mode, ...this.#options?.readOptions(rest) }, keep: rest.keep, done });
  }

  /** By the time a request is sent, the form may be another thread's, or none may be open. */
  #sent(threadId) {
    keepDraft(threadId, "");
    if (threadId !== this.#threadId) return;
    this.form.reset();
    this.mode.value = this.state.thread?.modes[0] ?? this.mode.value;
    this.#describe();
    this.#fold(() => this.state.thread && document.querySelector("main").focus());
  }

  #slot(name) {
    return this.querySelector(`[data-slot=${name}]`);
  }
}

customElements.define("vm-request", RequestForm);

function options(profiles) {
  return profiles.map(({ mode, title }) => html`<option value=${mode}>${titleOf(title)}</option>`);
}

function group(label, profiles) {
  return html`<optgroup label=${label}>${options(profiles)}</optgroup>`;
}
