/** Handing on: one menu of every way in which a deliverable leaves the page. */

import { handedOn } from "../lib/handed_on.js";
import { html, icon } from "../lib/html.js";
import { fileHash, fullAddress, runHash } from "../lib/router.js";
import { words } from "../lib/words.js";

const said = words.handing;

/** The menu for the file on show; `acts` are what a press does: `print`, `word`, `copy(text, done)`. */
export function handing(about, { backend, print, word, copy }) {
  const { run, file, url } = about;
  const shared = (hash) => (event) => {
    const { currentTarget } = event;
    event.stopPropagation();
    copy(fullAddress(hash), () => tell(currentTarget));
  };
  const links = {
    "download-file": () => [url, file.name],
    "download-calendar": ({ beside }) => [backend.fileUrl({ ...file, name: beside }), beside],
    "download-stage": () => [backend.stageUrl(file), ""],
    "download-version": () => [backend.downloadUrl(run.run_id), ""],
  };
  const acts = {
    "download-word": word,
    print,
    "link-file": shared(fileHash(file)),
    "link-version": run && shared(runHash(run.run_id)),
  };
  return html`<details class="menu handing" name="menu">
    <summary class="button small" data-action="hand-on">${icon("hand-on")}${said.title}</summary>
    <ul class="menu-items">
      ${handedOn(about).map((way) => (links[way.action] ? link(way, links[way.action](way)) : item(way, acts[way.action])))}
    </ul>
  </details>`;
}

function link({ action, sign, label }, [url, name]) {
  return html`<li><a href=${url} download=${name} data-action=${action}>${icon(sign)}${label}</a></li>`;
}

function item({ action, sign, label }, act) {
  return html`<li><button type="button" data-action=${action} @click=${act}>${icon(sign)}<span>${label}</span></button></li>`;
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
