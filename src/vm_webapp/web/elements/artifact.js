/** The files of the version on show, by stage: click to read, or download. */

import { formatSize } from "../lib/dates.js";
import { Part } from "../lib/element.js";
import { downloadLink, html, icon, nothing, repeat } from "../lib/html.js";
import { isSettled, sameFile, shownRunId } from "../lib/reduce.js";
import { nameOf } from "../lib/reading.js";
import { fileHash } from "../lib/router.js";
import { words } from "../lib/words.js";

const ICONS = [
  [/markdown|\.md$/i, "file-text"],
  [/csv/i, "table"],
  [/json/i, "braces"],
  [/calendar|\.ics$/i, "calendar"],
];

class Artifacts extends Part {
  update(state, backend) {
    this.backend = backend;
    super.update(state);
  }

  view(state) {
    const run = state.runDetails[shownRunId(state)];
    if (!run) return nothing;
    const stages = run.stages.filter((stage) => stage.artifacts.length);
    if (!stages.length)
      return html`<p class="quiet">${isSettled(run) ? words.artifact.noneSettled : words.artifact.none}</p>`;
    return repeat(
      stages,
      (stage) => `${run.run_id}/${stage.stage_key}`,
      (stage) =>
        html`<section class="files" data-stage-key=${stage.stage_key}>
          <h4>${stage.title}</h4>
          <ul>
            ${repeat(stage.artifacts, nameOf, (artifact) => this.#file(run, stage, artifact, state.reader?.file))}
          </ul>
        </section>`,
    );
  }

  #file(run, stage, artifact, open) {
    const { media_type: type, size } = artifact;
    const name = nameOf(artifact);
    const file = { run_id: run.run_id, stage_key: stage.stage_key, name };
    const kind = ICONS.find(([pattern]) => pattern.test(`${type} ${name}`))?.[1] ?? "file";
    return html`<li class="file">
      <a
        class="file-read"
        href=${fileHash(file)}
        data-name=${name}
        aria-current=${sameFile(file, open) ? "true" : nothing}
      >
        ${icon(kind)}<span class="file-name">${name}</span><span class="quiet file-size">${formatSize(size)}</span></a
      >
      ${downloadLink(this.backend.fileUrl(file), name, "small")}
    </li>`;
  }
}

customElements.define("vm-artifacts", Artifacts);
