/** The way to the command palette, which finds everything; Ctrl+K or Cmd+K opens it from anywhere. */

import { Part } from "../lib/element.js";
import { html, icon, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

const APPLE = /Mac|iP(hone|ad)/.test(navigator.platform);

class Find extends Part {
  view({ brands, dialog }) {
    this.ready = Boolean(brands);
    this.free = !dialog || dialog.name === "palette";
    if (!this.ready) return nothing;
    return html`<button
      class="button find"
      type="button"
      title=${words.palette.open}
      aria-haspopup="dialog"
      aria-keyshortcuts="Control+K Meta+K"
      @click=${() => this.#open()}
    >
      ${icon("search")}<span class="find-text">${words.palette.short}</span><kbd aria-hidden="true">${APPLE ? "⌘K" : "Ctrl K"}</kbd>
    </button>`;
  }

  connectedCallback() {
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (!this.ready || !this.free || document.querySelector("dialog[open]:not(.palette)")) return;
    event.preventDefault();
    this.#open();
  }

  #open() {
    this.intend("dialog_opened", { dialog: { name: "palette" } });
  }
}

customElements.define("vm-find", Find);
