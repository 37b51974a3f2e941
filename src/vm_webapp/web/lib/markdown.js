/**
 * Markdown to safe markup. What is written may be hostile (people paste, models repeat), so: marked makes HTML and
 * shows HTML that somebody wrote as the text it is, DOMPurify keeps a short list of harmless tags and attributes, nothing
 * can load from anywhere, and links lead only to web and mail.
 */

import { Marked } from "/web/vendor/marked/marked.esm.js";
import "/web/vendor/dompurify/purify.min.js";
import { words } from "./words.js";

const { DOMPurify } = globalThis;
const HEADINGS_BELOW = 2;

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
  ALLOWED_ATTR: ["href", "title", "start", "align", "colspan", "rowspan", "scope", "dir"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const marked = new Marked({
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
    image({ text }) {
      return `<span>${escape(words.reader.imageLeftOut(text))}</span>`;
    },
    checkbox({ checked }) {
      return checked ? "☑ " : "☐ ";
    },
  },
});

/** An element that can be put into the page. */
export function renderMarkdown(text) {
  const prose = document.createElement("div");
  prose.className = "prose";
  prose.append(DOMPurify.sanitize(marked.parse(text), RULES));
  for (const link of prose.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  for (const item of prose.querySelectorAll("li"))
    if (/^[☐☑] /.test(item.textContent.trimStart())) item.dataset.task = "";
  for (const wide of prose.querySelectorAll("table, pre")) frame(wide);
  for (const head of prose.querySelectorAll("thead")) nameColumns(head);
  return prose;
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
  around.ariaLabel = wide.localName === "table" ? words.reader.table : words.reader.title;
  wide.replaceWith(around);
  around.append(wide);
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
