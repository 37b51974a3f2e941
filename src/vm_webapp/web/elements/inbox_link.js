/** How much waits for a person, and the way there. */

import { Part } from "../lib/element.js";
import { html, icon, nothing } from "../lib/html.js";
import { inboxHash } from "../lib/router.js";
import { words } from "../lib/words.js";

const MOST = 99;

class InboxLink extends Part {
  view({ inbox, brands, route }) {
    if (!brands?.length) return nothing;
    const count = inbox?.items.length ?? 0;
    const label = words.inbox.link(count);
    return html`<a
      class="button ghost inbox-link"
      href=${inboxHash}
      title=${label}
      aria-current=${route.name === "inbox" ? "page" : nothing}
      >${icon("inbox")}${count ? html`<span class="badge" aria-hidden="true">${count > MOST ? words.inbox.most : count}</span>` : nothing}<span
        class="visually-hidden"
        >${label}</span
      ></a
    >`;
  }
}

customElements.define("vm-inbox-link", InboxLink);
