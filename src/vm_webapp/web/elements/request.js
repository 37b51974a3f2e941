/** The form that makes a new version; its markup stands in index.html. What is typed is kept per thread until it is sent. */

import { formValues, Part } from "../lib/element.js";
import { html, nothing, problemBox, render } from "../lib/html.js";
import { words } from "../lib/words.js";

class RequestForm extends Part {
  #drafts = new Map();
  #threadId = null;
  #modes = "";

  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.form.elements.request_text;
    this.mode = this.form.elements.mode;
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    this.mode.addEventListener("change", () => this.#describe());
    this.mode.replaceChildren();
  }

  update(state) {
    const { thread, busy, problems, profiles } = state;
    if (!thread) return;
    this.profiles = profiles;
    if (thread.thread_id !== this.#threadId) this.#turnTo(thread.thread_id);
    this.#offer(profiles, thread.modes);
    const button = this.form.querySelector("[type=submit]");
    button.disabled = Boolean(busy.request) || thread.status === "closed";
    this.text.disabled = this.mode.disabled = thread.status === "closed";
    this.#slot("send").textContent = busy.request ? words.request.sending : words.request.send;
    render(problemBox(problems.request), this.#slot("problem"));
  }

  #turnTo(threadId) {
    if (this.#threadId) this.#drafts.set(this.#threadId, this.text.value);
    this.#threadId = threadId;
    this.text.value = this.#drafts.get(threadId) ?? "";
    this.#modes = "";
  }

  /** The thread's own profiles first; rewritten only when they change, for an open list must not close under the hand. */
  #offer(profiles, modes) {
    const key = JSON.stringify([profiles.map(({ mode, title }) => [mode, title]), modes]);
    if (key === this.#modes) return;
    const first = !this.#modes;
    this.#modes = key;
    const chosen = this.mode.value;
    const own = profiles.filter(({ mode }) => modes.includes(mode));
    const other = profiles.filter(({ mode }) => !modes.includes(mode));
    render(
      own.length
        ? [group(words.request.own, own), other.length ? group(words.request.other, other) : nothing]
        : options(profiles),
      this.mode,
    );
    const usual = own[0] ?? profiles.find((profile) => profile.default) ?? profiles[0];
    this.mode.value = !first && profiles.some(({ mode }) => mode === chosen) ? chosen : usual?.mode;
    this.#describe();
  }

  #describe() {
    const profile = this.profiles.find(({ mode }) => mode === this.mode.value);
    this.#slot("stages").textContent = profile ? words.request.stages(profile.stages.map(({ title }) => title)) : "";
  }

  #submit(event) {
    event.preventDefault();
    const values = formValues(this.form);
    this.text.setCustomValidity(values.request_text ? "" : words.request.empty);
    if (!this.form.reportValidity()) return this.text.setCustomValidity("");
    this.intend("requested", {
      values,
      done: () => {
        this.text.value = "";
      },
    });
  }

  #slot(name) {
    return this.form.querySelector(`[data-slot=${name}]`);
  }
}

customElements.define("vm-request", RequestForm);

function options(profiles) {
  return profiles.map(({ mode, title }) => html`<option value=${mode}>${title}</option>`);
}

function group(label, profiles) {
  return html`<optgroup label=${label}>${options(profiles)}</optgroup>`;
}
