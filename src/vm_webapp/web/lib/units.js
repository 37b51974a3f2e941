/** The parts that are compared: a Markdown document's blocks as they are read, any other text's lines. */

import { renderBlocks } from "./markdown.js";

const BLOCKS = "td, th, li, p, pre, blockquote, h3, h4, h5, h6";

/** A list of `{text, element}`; the element is null for a line. */
export async function unitsOf(view, text) {
  if (view !== "markdown") return linesOf(text);
  const blocks = (await renderBlocks(text)).flatMap(split);
  return blocks.map((element) => ({ text: read(element).text, element }));
}

/** Wraps the stretches of an element's text in `<ins>` or `<del>`; offsets are those of `unitsOf`. */
export function mark(element, stretches, tag) {
  const { nodes } = read(element);
  for (const { node, start } of nodes.toReversed())
    for (const [from, to] of stretches.toReversed()) wrap(node, from - start, to - start, tag);
}

function linesOf(text) {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => ({ text: line, element: null }));
}

/** Each item of a list is a part of its own. */
function split(element) {
  if (!["UL", "OL"].includes(element.tagName)) return [element];
  return [...element.children].map((item, at) => {
    const list = document.createElement(element.localName);
    if (list.localName === "ol") list.start = (element.start || 1) + at;
    list.dir = "auto";
    list.append(item);
    return list;
  });
}

/** An element's text with a line break between its blocks, and where each of its text nodes begins in it. */
function read(element) {
  const nodes = [];
  let text = "";
  let before = null;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const block = node.parentElement.closest(BLOCKS);
    if (!node.data.trim() && block === null) continue;
    if (before !== null && block !== before) text += "\n";
    nodes.push({ node, start: text.length });
    text += node.data;
    before = block;
  }
  return { text, nodes };
}

function wrap(node, from, to, tag) {
  const [first, last] = [Math.max(0, from), Math.min(node.length, to)];
  if (first >= last || !node.data.slice(first, last).trim()) return;
  const part = node.splitText(first);
  part.splitText(last - first);
  const around = document.createElement(tag);
  part.replaceWith(around);
  around.append(part);
}
