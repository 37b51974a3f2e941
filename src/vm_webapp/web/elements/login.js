/** The quiet screen that asks for a token. */

import { formValues, Part } from "../lib/element.js";
import { html, icon, nothing, problemBox, still } from "../lib/html.js";
import { words } from "../lib/words.js";

const said = words.session;

class Login extends Part {
  update(state) {
    const opened = state.session?.required && !this.firstElementChild;
    super.update(state);
    if (opened) this.querySelector("input").focus();
  }

  view({ session, busy, problems }) {
    if (!session?.required) return nothing;
    const { session: problem } = problems;
    const wrong = problem?.code === "unauthorized" && { text: said.wrong, hint: said.wrongHint, fields: {} };
    return html`<form class="login" id="login-form" @submit=${(event) => this.#enter(event)}>
      <h1>${said.title}</h1>
      <p class="quiet">${said.text}</p>
      <div class="field">
        <label for="login-token">${said.token}</label>
        <input
          id="login-token"
          name="token"
          type="password"
          required
          maxlength="200"
          autocomplete="current-password"
          spellcheck="false"
          aria-invalid=${wrong ? "true" : nothing}
          aria-describedby=${problem ? "login-problem" : nothing}
        />
      </div>
      ${problem ? html`<div id="login-problem">${problemBox(wrong || problem)}</div>` : nothing}
      <button class="button primary" type="submit" aria-disabled=${still(busy.session)}>
        ${busy.session ? said.entering : said.enter}${icon("arrow")}
      </button>
    </form>`;
  }

  #enter(event) {
    event.preventDefault();
    this.intend("signed_in", { values: formValues(event.currentTarget) });
  }
}

customElements.define("vm-login", Login);
