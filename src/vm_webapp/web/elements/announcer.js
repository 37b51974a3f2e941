/** Tells those who do not see the page that a version settled; nothing else is announced. */

import { Part } from "../lib/element.js";

customElements.define("vm-announcer", class extends Part {
  view = ({ announcement }) => announcement;
});
