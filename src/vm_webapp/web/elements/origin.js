/** Where a file comes from: who or what made it, when, from which request, and the fingerprint that proves it. */

import { formatDuration, formatMoment, formatSize } from "../lib/dates.js";
import { placeOf } from "../lib/deciding_state.js";
import { iconButton, html, nothing } from "../lib/html.js";
import { runHash } from "../lib/router.js";
import { personText } from "../lib/timeline.js";
import { language, words } from "../lib/words.js";
import tables from "../lib/words/origin.js";

const said = tables[language];

/** The panel for the file on show; `copy(text, done)` puts the fingerprint on the clipboard. */
export function show({ state, run, stage, file, copy }) {
  if (!run || !stage) return nothing;
  const manifest = state.manifests[placeOf(run.run_id, stage.stage_key)];
  return html`<section class="origin" aria-labelledby="origin-title">
    <h4 id="origin-title">${said.title}</h4>
    <dl class="origin-facts">
      ${fact(said.writer, writerText(stage, manifest, { state, run }))} ${fact(said.prompt, promptText(manifest))}
      ${fact(said.made, madeText(stage))} ${fact(said.request, html`<q dir="auto">${run.request_text}</q>`)}
      ${fact(said.requested, said.byAt(personText(run.requested_by, state, run), formatMoment(run.created_at)))}
      ${carried(stage, state)} ${fact(said.approved, approvals(stage, { state, run }))}
      ${file.size === undefined ? nothing : fact(said.size, formatSize(file.size))}
      ${file.sha256 ? fact(said.digest, digest(file.sha256, copy)) : nothing}
    </dl>
    <p class="quiet">${said.digestHint}</p>
  </section>`;
}

function fact(name, value) {
  return value ? html`<div><dt>${name}</dt><dd>${value}</dd></div>` : nothing;
}

/** The writer in plain words: the built-in templates, a model with its provider, or the person who edited it. */
export function writerText({ writer }, manifest, { state, run }) {
  if (manifest?.edited_by) return said.person(personText(manifest.edited_by, state, run));
  if (!writer || writer === "offline") return said.templates;
  const [provider, ...model] = writer.split(":");
  return model.length ? said.model(model.join(":"), provider) : personText(writer, state);
}

function promptText(manifest) {
  if (!manifest) return said.reading;
  const { prompt } = manifest;
  return prompt ? said.promptVersion(prompt.template ?? "", prompt.version ?? "") : said.noPrompt;
}

function madeText({ started_at: started, finished_at: finished, carried_from: from }) {
  if (!finished) return "";
  return started && !from ? said.madeIn(formatMoment(finished), formatDuration(started, finished)) : formatMoment(finished);
}

function carried({ carried_from: from }, { runs }) {
  if (!from) return nothing;
  const parent = runs?.items.find((row) => row.run_id === from.run_id);
  const name = parent ? words.run.version(parent.number) : said.earlier;
  return fact(said.carried, html`<a href=${runHash(from.run_id)}>${name}</a>`);
}

function approvals({ gate, approval }, { state, run }) {
  const granted = gate?.granted ?? [];
  const none = { required: said.notYet, unknown: said.unknownApproval };
  if (!granted.length) return none[approval] ?? said.noApproval;
  return html`<ul>
    ${granted.map(
      ({ by, at, comment }) =>
        html`<li>${said.byAt(personText(by, state, run), formatMoment(at))}${comment ? html` <q dir="auto">${comment}</q>` : nothing}</li>`,
    )}
  </ul>`;
}

function digest(sha256, copy) {
  const act = ({ currentTarget }) =>
    copy(sha256, () => {
      currentTarget.dataset.copied = "true";
      currentTarget.title = words.reader.copied;
    });
  return html`<code class="digest">${sha256}</code> ${iconButton("copy", said.copyDigest, act, { size: "tiny" })}`;
}
