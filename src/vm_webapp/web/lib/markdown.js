/**
 * Markdown to safe markup. What is written may be hostile (people paste, models repeat), so: marked makes HTML and
 * shows HTML that somebody wrote as the text it is, DOMPurify keeps a short list of harmless tags and attributes, nothing
 * can load from anywhere but the version's own files, and links lead only to web and mail.
 */

import { Marked } from "../vendor/marked/marked.esm.js";
import "../vendor/dompurify/purify.min.js";
import { sleep } from "./api.js";
import { spare } from "./lazily.js";
import { sectionsOf } from "./sections.js";
import { tongueOf } from "./tongue.js";
import { words } from "./words.js";

const { DOMPurify } = globalThis;
const HEADINGS_BELOW = 2;
/**
 * A text comes section by section, so that its beginning is there soon and nothing freezes: what the first screen shows
 * of it, then about a screen each.
 */
const LENGTHS = [1_000, 2_500];
/** How much of a section without end is put into the page at once: blocks. */
const PIECE = 40;
const OWN_IMAGE = /^vm-image:(\d+)$/;

const RULES = {
  ALLOWED_TAGS: [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
  ],
  ALLOWED_ATTR: ["alt", "href", "title", "start", "align"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ADD_URI_SAFE_ATTR: ["start", "align"], // no addresses: the pattern would take them away
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/**
 * An element that can be put into the page; `findImage` gives the address of a file of the same version, or null. The
 * text's beginning is in it, and the rest comes with the frames that follow; its `headings` is how many there will be.
 */
export function renderMarkdown(text, { findImage = () => null } = {}) {
  const prose = document.createElement("div");
  prose.className = "prose";
  const tongue = tongueOf(text);
  if (tongue) prose.lang = tongue;
  const { sections, headings } = sectionsOf(text, LENGTHS);
  prose.headings = headings;
  fill(prose, piecesOf(sections, findImage));
  return prose;
}

/** The same as a list of elements, made with pauses in which the page can answer. */
export async function renderBlocks(text) {
  const blocks = [];
  for (const piece of piecesOf(sectionsOf(text, LENGTHS).sections, () => null)) {
    blocks.push(...piece.children);
    await sleep(0);
  }
  return blocks;
}

/** Says "grown" with each piece that it adds; the first is there at once, the others when there is nothing else to do. */
async function fill(prose, pieces) {
  for (const piece of pieces) {
    prose.append(piece);
    prose.dispatchEvent(new Event("grown"));
    await (document.hidden ? sleep(0) : spareTime());
  }
}

/** Until the browser has shown what there is and has time, but no longer than one notices. */
const spareTime = () => new Promise((resolve) => spare(resolve, { timeout: 200 }));

/** The sections as harmless markup, a piece at a time, each made when it is asked for. */
function* piecesOf(sections, findImage) {
  const images = [];
  const marked = markedFor((href) => {
    const url = findImage(href);
    return url && `vm-image:${images.push(url) - 1}`;
  });
  for (const section of sections) {
    const tokens = marked.lexer(section);
    for (let at = 0; at < tokens.length; at += PIECE) yield harmless(marked.parser(tokens.slice(at, at + PIECE)), images);
  }
}

function markedFor(nameImage) {
  return new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const level = Math.min(6, depth + HEADINGS_BELOW);
        return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
      },
      html({ text }) {
        if (/^\s*<!--[^]*-->\s*$/.test(text)) return "";
        return /^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escape(text);
      },
      image({ text, href }) {
        const named = nameImage(href);
        if (named) return `<img alt="${escape(text)}" title="${named}">`;
        return `<span>${escape(words.reader.imageLeftOut(text))}</span>`;
      },
      checkbox({ checked }) {
        return checked ? "☑ " : "☐ ";
      },
    },
  });
}

function harmless(markup, images) {
  const made = DOMPurify.sanitize(markup, RULES);
  for (const image of made.querySelectorAll("img")) place(image, images);
  for (const link of made.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  for (const item of made.querySelectorAll("li"))
    if (/^[☐☑] /.test(item.textContent.trimStart())) item.dataset.task = "";
  for (const wide of made.querySelectorAll("table, pre")) frame(wide);
  for (const head of made.querySelectorAll("thead")) nameColumns(head);
  for (const block of made.children) block.dir ||= "auto";
  return made;
}

/** An image's address never went through the markup; one that nobody named here is taken out. */
function place(image, images) {
  const url = images[OWN_IMAGE.exec(image.title)?.[1]];
  image.removeAttribute("title");
  if (!url) return void image.remove();
  image.loading = "lazy";
  image.src = url;
}

/** Markdown has no table without a head: an empty one is left out, an empty cell in one is no header. */
function nameColumns(head) {
  if (!head.textContent.trim()) return head.remove();
  for (const cell of head.querySelectorAll("th")) {
    if (cell.textContent.trim()) cell.scope = "col";
    else cell.replaceWith(document.createElement("td"));
  }
  return undefined;
}

/** What may be wider than the pane scrolls inside a frame that the keyboard reaches. */
function frame(wide) {
  const around = document.createElement("div");
  around.className = "scroller";
  around.tabIndex = 0;
  around.role = "group";
  around.ariaLabel = wide.localName === "table" ? words.reader.table : words.reader.code;
  wide.replaceWith(around);
  around.append(wide);
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
