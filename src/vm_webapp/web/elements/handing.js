/** Handing on: one menu of every way in which a deliverable leaves the page. */

import { fullAddress } from "../lib/handing.js";
import { html, icon, nothing } from "../lib/html.js";
import { fileHash, runHash } from "../lib/router.js";
import { titleOf, words } from "../lib/words.js";

const said = words.handing;

/** The menu for the file on show; `acts` are what a press does: `print`, `word`, `copy(text, done)`. */
export function handing({ run, stage, file, view, url }, { backend, print, word, copy }) {
  const shared = (hash) => (event) => {
    const { currentTarget } = event;
    event.stopPropagation();
    copy(fullAddress(hash), () => tell(currentTarget));
  };
  return html`<details class="menu handing" name="menu">
    <summary class="button small" data-action="hand-on">${icon("hand-on")}${said.title}</summary>
    <ul class="menu-items">
      ${link(url, file.name, view === "calendar" && /\.ics$/i.test(file.name) ? "calendar" : "download", fileLabel(file, view))}
      ${view === "markdown" ? item("file-text", said.word, word) : nothing}
      ${calendarBeside({ run, stage, file, backend })}
      ${stage && stage.artifacts.length > 1 ? link(backend.stageUrl(file), "", "package", said.stage(titleOf(stage.title))) : nothing}
      ${run ? link(backend.downloadUrl(run.run_id), "", "package", said.version) : nothing}
      ${item("print", said.print, print)} ${item("link", said.link, shared(fileHash(file)))}
      ${run ? item("link", said.versionLink, shared(runHash(run.run_id))) : nothing}
    </ul>
  </details>`;
}

function fileLabel({ name }, view) {
  return view === "calendar" && /\.ics$/i.test(name) ? said.calendar : said.file(name);
}

/** The same calendar for a calendar program, where the stage has published one. */
function calendarBeside({ run, stage, file, backend }) {
  const beside = stage?.artifacts.find(({ path }) => /\.ics$/i.test(path) && !path.endsWith(`/${file.name}`));
  if (!beside) return nothing;
  const name = beside.path.split("/").at(-1);
  const url = backend.fileUrl({ run_id: run.run_id, stage_key: stage.stage_key, name });
  return link(url, name, "calendar", said.calendar);
}

function link(url, name, sign, label) {
  return html`<li><a href=${url} download=${name}>${icon(sign)}${label}</a></li>`;
}

function item(sign, label, act) {
  return html`<li><button type="button" @click=${act}>${icon(sign)}<span>${label}</span></button></li>`;
}

/** The words of the pressed item say that it is done, until the menu closes. */
function tell(button) {
  const text = button.querySelector("span");
  const before = text.textContent;
  text.textContent = said.linkCopied;
  button.dataset.copied = "true";
  setTimeout(() => {
    delete button.dataset.copied;
    text.textContent = before;
    button.closest("details").open = false;
  }, 1200);
}
