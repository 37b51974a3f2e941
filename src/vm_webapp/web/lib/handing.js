/**
 * Handing on: to the clipboard as formatted and plain text, and to a file.
 *
 * The clipboard's own interface exists on secure origins only, and a team may serve the page on its network; there the
 * older way, a copy event, does the same.
 */

const HEADINGS_BELOW = 2;

/** Copies what `content` shows, as HTML without the page's own trimmings, and `text` for programs that take plain text. */
export function copyRich(content, text) {
  return write({ "text/html": cleanMarkup(content), "text/plain": text });
}

export function copyText(text) {
  return write({ "text/plain": text });
}

/** The document's markup as other programs want it: headings from the first level, no frames, classes or buttons. */
export function cleanMarkup(content) {
  const copy = content.cloneNode(true);
  for (const scroller of copy.querySelectorAll(".scroller")) scroller.replaceWith(...scroller.childNodes);
  for (const button of copy.querySelectorAll("th button")) button.replaceWith(button.textContent.trim());
  for (const heading of copy.querySelectorAll("h3, h4, h5, h6")) {
    const level = document.createElement(`h${Number(heading.localName[1]) - HEADINGS_BELOW}`);
    level.append(...heading.childNodes);
    heading.replaceWith(level);
  }
  for (const element of copy.querySelectorAll("svg, img")) element.remove();
  for (const element of copy.querySelectorAll("*"))
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
  return copy.innerHTML.replace(/<!--[^]*?-->/g, "");
}

const KEPT = new Set(["href", "start", "align", "colspan", "rowspan", "scope", "dir"]);

/** Has the browser save some bytes as a file. */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

async function write(parts) {
  try {
    const made = Object.entries(parts).map(([type, text]) => [type, new Blob([text], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(made))]);
    return true;
  } catch {
    return writeByEvent(parts);
  }
}

function writeByEvent(parts) {
  let taken = false;
  const fill = (event) => {
    for (const [type, text] of Object.entries(parts)) event.clipboardData.setData(type, text);
    event.preventDefault();
    taken = true;
  };
  document.addEventListener("copy", fill, { once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", fill);
  return taken;
}
