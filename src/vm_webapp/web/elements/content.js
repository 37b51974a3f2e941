/** A file's text as markup; but for prose, what shows a kind of file is loaded when the first such file is opened. */

import { html, nothing } from "../lib/html.js";
import { tongueOf } from "../lib/tongue.js";
import { words } from "../lib/words.js";
import { show as showProse } from "./prose.js";

const LOADERS = {
  csv: () => import("./table.js"),
  json: () => import("./tree.js"),
  calendar: () => import("./calendar.js"),
  origin: () => import("./origin.js"),
  unreadable: () => import("./unreadable.js"),
};
const SHOW = {
  markdown: showProse,
  text: (text) => html`<div class="scroller" tabindex="-1"><pre class="plain" dir="auto" lang=${tongueOf(text) ?? nothing}>${text}</pre></div>`,
  image: (_, { file, url }) => html`<figure class="picture"><img src=${url} alt=${file.name} @load=${seen} @error=${seen} /><p class="quiet" hidden>${words.reader.notImage}</p></figure>`,
};
let last = {};

/** A picture that cannot be shown gives way to a sentence that says so. */
function seen({ target, type }) {
  target.hidden = type === "error";
  target.nextElementSibling.hidden = type !== "error";
}

/** Loads what a view needs; `fileContent` then answers at once. */
export async function prepareContent(view) {
  if (LOADERS[view]) SHOW[view] ??= (await LOADERS[view]()).show;
}

/** Loads what every view needs, so that it is there when the server is not. */
export const prepareAll = () => Promise.all(Object.keys(LOADERS).map(prepareContent));

/** What stands beside or in place of a text: its origin, or why it cannot be shown; undefined until it was loaded. */
export function besides(name, ...about) {
  return SHOW[name]?.(...about);
}

/** Markup for a text; parsed once, for files are long and states are many. `about` is `{file, url, findImage}`. */
export function fileContent(view, text, about = {}) {
  if (last.view !== view || last.text !== text || last.url !== about.url)
    last = { view, text, url: about.url, content: SHOW[view](text, about) };
  return last.content;
}
