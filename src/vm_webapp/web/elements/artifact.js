/** What the version on show has made, in the order of its stages: a row of names, each of which opens its text below. */

import { Part } from "../lib/element.js";
import { html, icon, nothing, repeat } from "../lib/html.js";
import { nameOf, sameFile, viewOf } from "../lib/file.js";
import { isSettled } from "../lib/reduce.js";
import { fileHash } from "../lib/router.js";
import { shownDraft, shownRun } from "../lib/shown.js";
import { titleOf, words } from "../lib/words.js";

class Artifacts extends Part {
  view(state) {
    const run = shownRun(state);
    if (!run) return nothing;
    const stages = run.stages.filter((stage) => stage.artifacts.length);
    if (!stages.length) return isSettled(run) && !run.erased ? html`<p class="quiet">${words.artifact.noneSettled}</p>` : nothing;
    const draft = shownDraft(state);
    const open = draft?.stage.stage_key ?? state.reader?.file.stage_key;
    const again = () => this.intend("reader_again");
    return html`<ul class="files" aria-label=${words.artifact.many}>
      ${repeat(
        stages,
        (stage) => stage.stage_key,
        (stage) => tab(run, stage, stage.stage_key === open, again),
      )}
      </ul>
      ${draft ? nothing : forms(run, stages, state.reader?.file, again)}`;
  }
}

customElements.define("vm-artifacts", Artifacts);

/** The open stage's files where there are several: the same content as text, as a table, as a calendar. */
function forms(run, stages, open, again) {
  const stage = stages.find(({ stage_key: key }) => key === open?.stage_key);
  if (!stage || stage.artifacts.length < 2) return nothing;
  return html`<ul class="forms" aria-label=${words.artifact.forms(titleOf(stage.title))}>
    ${stage.artifacts.map((artifact) => {
      const file = { run_id: run.run_id, stage_key: stage.stage_key, name: nameOf(artifact) };
      const [label, end] = labelOf(artifact, stage.artifacts);
      const shown = sameFile(file, open) ? "true" : nothing;
      return html`<li><a href=${fileHash(file)} data-name=${file.name} title=${file.name} aria-current=${shown} @click=${shown === "true" ? again : nothing}>${label}<span class="quiet">${end}</span></a></li>`;
    })}
  </ul>`;
}

/** What a form is, and how its file's name ends; where others are the same, or it has no view, its name tells it. */
function labelOf(artifact, all) {
  const [, stem, end] = /^(.+?)(\.[^.]*)?$/.exec(nameOf(artifact));
  const kind = (one) => words.artifact.views[viewOf({ ...one, name: nameOf(one) })];
  const alike = all.filter((one) => kind(one) === kind(artifact) && nameOf(one).endsWith(end ?? ""));
  return [alike.length > 1 ? stem : (kind(artifact) ?? stem), end];
}

/** A stage's name opens its first file, and where that is open already reads it again; the others are offered below the names. */
function tab(run, stage, open, again) {
  const [first] = stage.artifacts;
  const file = { run_id: run.run_id, stage_key: stage.stage_key, name: nameOf(first) };
  return html`<li data-stage-key=${stage.stage_key}>
    <a class="file-read" href=${fileHash(file)} data-name=${file.name} aria-current=${open ? "true" : nothing} @click=${open ? again : nothing}>
      ${stage.status === "waiting_approval" ? icon("hand") : nothing}${titleOf(stage.title)}
    </a>
  </li>`;
}
