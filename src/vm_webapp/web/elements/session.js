/** Who is signed in, where signing in is asked for. */

import { Part } from "../lib/element.js";
import { html, nothing } from "../lib/html.js";
import { words } from "../lib/words.js";

const said = words.session;

class Session extends Part {
  view({ session }) {
    if (session?.auth !== "on" || session.required) return nothing;
    const { actor_id: name, role } = session;
    return html`<span class="me" title=${said.me(name, said.roles[role] ?? role)}>${name}</span>`;
  }
}

customElements.define("vm-session", Session);
