/** Markdown as it is read: the text, and for a long one its table of contents, which marks where one is. */

import { html, nothing, render } from "../lib/html.js";
import { renderMarkdown } from "../lib/markdown.js";
import { words } from "../lib/words.js";

const FEWEST = 4;
const READING_LINE = 150;
const BESIDE = 46 * 16;
let documents = 0;

export function show(text, about) {
  const prose = renderMarkdown(text, about);
  return html`<vm-prose class="document" .prose=${prose}></vm-prose>`;
}

class Prose extends HTMLElement {
  #prose = null;
  #headings = [];
  #current = null;
  #wide = false;
  #growing = false;
  #name = `contents-${(documents += 1)}`;
  #onScroll = () => requestAnimationFrame(() => this.#mark());
  #size = new ResizeObserver(([{ contentRect }]) => this.#fit(contentRect.width >= BESIDE));

  set prose(prose) {
    if (prose === this.#prose) return;
    this.#prose = prose;
    prose.addEventListener("grown", () => this.#later());
    this.#read();
  }

  connectedCallback() {
    document.addEventListener("scroll", this.#onScroll, { passive: true, capture: true });
    this.#size.observe(this);
  }

  disconnectedCallback() {
    document.removeEventListener("scroll", this.#onScroll, { capture: true });
    this.#size.disconnect();
  }

  /** A long text grows by many pieces: its contents are read once a frame. */
  #later() {
    if (this.#growing) return;
    this.#growing = true;
    requestAnimationFrame(() => {
      this.#growing = false;
      this.#read();
    });
  }

  #read() {
    const found = [...this.#prose.querySelectorAll(":scope > :is(h3, h4, h5)")];
    const levels = found.length > 24 ? ["H3", "H4"] : ["H3", "H4", "H5"];
    this.#headings = found.filter(({ localName }) => levels.includes(localName.toUpperCase()));
    for (const heading of this.#headings) heading.tabIndex = -1;
    this.#render();
    this.#onScroll();
  }

  #fit(wide) {
    this.#mark();
    if (wide === this.#wide) return;
    this.#wide = wide;
    this.#render();
  }

  /** The heading that was last passed is the one that is being read. */
  #mark() {
    const passed = this.#headings.findLast((heading) => heading.getBoundingClientRect().top <= READING_LINE);
    const current = passed ?? this.#headings[0] ?? null;
    if (current === this.#current) return;
    this.#current = current;
    this.#render();
  }

  #render() {
    const shown = Math.max(this.#headings.length, this.#prose.headings) >= FEWEST;
    this.dataset.contents = String(shown);
    render(html`${shown ? this.#contents() : nothing}${this.#prose}`, this);
    if (shown && this.#wide) this.#follow();
  }

  /** A long table of contents shows the place that is being read; the page itself does not move. */
  #follow() {
    const list = this.querySelector(".contents");
    const current = list.querySelector('[aria-current="true"]');
    if (!current || list.scrollHeight <= list.clientHeight) return;
    list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 3;
  }

  #contents() {
    return html`<nav class="contents" aria-labelledby=${this.#name}>
      <details ?open=${this.#wide}>
        <summary id=${this.#name}>${words.reader.contents}</summary>
        <ol lang=${this.#prose.lang || nothing}>
          ${this.#headings.map((heading) => this.#entry(heading))}
        </ol>
      </details>
    </nav>`;
  }

  #entry(heading) {
    const go = () => {
      heading.scrollIntoView({ block: "start" });
      heading.focus({ preventScroll: true });
    };
    return html`<li data-level=${heading.localName}>
      <button type="button" dir="auto" aria-current=${heading === this.#current ? "true" : nothing} @click=${go}>
        ${heading.textContent}
      </button>
    </li>`;
  }
}

customElements.define("vm-prose", Prose);
