/** The first steps: one form that makes brand, project and thread and sends the first request. */

import { kept } from "../lib/drafts.js";
import { filled, formValues, Part } from "../lib/element.js";
import { html, icon, nothing, problemBox, still } from "../lib/html.js";
import { excerpt, language } from "../lib/words.js";
import tables from "../lib/words/welcome.js";

const said = tables[language];

class Welcome extends Part {
  view({ busy, problems, profiles, brands }) {
    if (!brands || brands.length) return nothing;
    const mode = profiles.find((profile) => profile.default)?.mode ?? profiles[0]?.mode ?? "plan_90d";
    return html`<div class="welcome">
      <h1>${said.title}</h1>
      <p class="lead">${said.text}</p>
      <h2 class="quiet" id="examples-title">${said.examples}</h2>
      <ul class="examples" aria-labelledby="examples-title">
        ${said.list.map(
          (example) =>
            html`<li>
              <button class="card example" type="button" @click=${() => this.#fill(example)}>
                <strong>${example.title}</strong><span class="quiet">${example.request}</span>
              </button>
            </li>`,
        )}
      </ul>
      <h2 class="quiet">${said.own}</h2>
      <form class="card stack" id="welcome-form" novalidate ${kept("welcome")} @submit=${(event) => this.#start(event, mode)}>
        <div class="welcome-fields">
          ${this.#field("brand", said.brand, said.defaults.brand, 200)}
          ${this.#field("project", said.project, said.defaults.project, 200)}
          ${this.#field("thread", said.thread, said.defaults.thread, 200, said.threadHint)}
        </div>
        <div class="field">
          <label for="welcome-request">${said.request}</label>
          <textarea dir="auto" id="welcome-request" name="request_text" rows="4" required maxlength="20000"></textarea>
        </div>
        ${problemBox(problems.welcome)}
        <div class="row end">
          <button class="button primary" type="submit" aria-disabled=${still(busy.welcome)}>
            ${busy.welcome ? said.starting : said.start}${icon("arrow")}
          </button>
        </div>
      </form>
    </div>`;
  }

  #field(name, label, value, most, hint = null) {
    return html`<div class="field">
      <label for="welcome-${name}">${label}</label>
      <input id="welcome-${name}" dir="auto" name=${name} value=${value} ?required=${!hint} placeholder=${hint ?? nothing} maxlength=${most} autocomplete="off" />
    </div>`;
  }

  /** An example fills the form; it is sent only when the person says so. */
  #fill({ project, thread, request }) {
    const { elements } = this.querySelector("form");
    elements.project.value = project;
    elements.thread.value = thread;
    elements.request_text.value = request;
    elements.project.dispatchEvent(new Event("input", { bubbles: true }));
    (elements.brand.value ? this.querySelector("[type=submit]") : elements.brand).focus();
  }

  #start(event, mode) {
    event.preventDefault();
    if (!filled(event.currentTarget)) return;
    const values = formValues(event.currentTarget);
    this.intend("begun", { values: { ...values, thread: values.thread || excerpt(values.request_text, 60), mode } });
  }
}

customElements.define("vm-welcome", Welcome);
