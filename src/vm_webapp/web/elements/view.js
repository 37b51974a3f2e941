/** How the page looks: particulars, language, theme; and the way out for whoever signed in. */

import { Part } from "../lib/element.js";
import { html, icon, menu, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

class View extends Part {
  view({ details, session, theme: current }) {
    const theme = words.theme.next(words.theme[current]);
    return menu(
      words.navigation.view,
      [
        this.#item("details", details ? words.details.hide : words.details.show, "details_toggled", { details: !details }),
        this.#item("theme", theme, "theme_changed"),
        this.#item("language", words.language.change, "language_switched", { lang: words.language.otherTag }),
        session?.auth === "on" ? this.#item("leave", html`<span>${words.session.leave} · <bdi>${session.actor_id}</bdi></span>`, "signed_out") : nothing,
      ],
      { name: "view" },
    );
  }

  #item(sign, label, intent, { lang, ...facts } = {}) {
    return html`<li>
      <button type="button" lang=${lang ?? nothing} data-action=${sign} @click=${() => this.intend(intent, facts)}>${icon(sign)}${label}</button>
    </li>`;
  }
}

customElements.define("vm-view", View);
