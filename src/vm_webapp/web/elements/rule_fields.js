/** The fields of a brand's rule, wherever one is made; which of them show follows from the chosen check, in CSS. */

import { html } from "../lib/html.js";
import { words } from "../lib/words.js";

const said = words.rule;

/** `prefix` keeps ids apart where two such forms are on the page. */
export function ruleFields(prefix, { sentence = "" } = {}) {
  return html`<div class="rule-fields">
    <div class="field">
      <label for="${prefix}-text">${said.sentence}</label>
      <textarea dir="auto" id="${prefix}-text" name="rule_text" rows="2" maxlength="2000" .defaultValue=${sentence}></textarea>
      <p class="quiet">${said.sentenceHint}</p>
    </div>
    <div class="field">
      <label for="${prefix}-check">${said.check}</label>
      <select id="${prefix}-check" name="check">
        <option value="">${said.noCheck}</option>
        ${Object.entries(said.kinds).map(([kind, title]) => html`<option value=${kind}>${title}</option>`)}
      </select>
    </div>
    <div class="field" data-for="words">
      <label for="${prefix}-words">${said.words}</label>
      <textarea dir="auto" id="${prefix}-words" name="words" rows="3" maxlength="10100"></textarea>
    </div>
    <div class="field" data-for="required">
      <label for="${prefix}-required">${said.required}</label>
      <textarea dir="auto" id="${prefix}-required" name="required_text" rows="2" maxlength="2000"></textarea>
    </div>
    <div class="field" data-for="length">
      <label for="${prefix}-characters">${said.characters}</label>
      <input id="${prefix}-characters" name="characters" type="number" min="1" max="1000000" step="1" />
    </div>
  </div>`;
}

/** What those fields say, as the server takes it; a sentence that is left out is `otherwise`. */
export function readRule(values, otherwise = "") {
  const check = CHECKS[values.check]?.(values) ?? null;
  const text = values.rule_text || otherwise;
  return { ...(text && { text }), ...(check && { check: { kind: values.check, ...check } }) };
}

const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const CHECKS = {
  forbidden_words: ({ words: text }) => ({ words: lines(text) }),
  tone: ({ words: text }) => ({ words: lines(text) }),
  required_text: ({ required_text: text }) => ({ text }),
  max_length: ({ characters }) => ({ characters: Number(characters) }),
};
