/** Tells those who do not see the page that a version settled; nothing else is announced. */

import { Part } from "../lib/element.js";

class Announcer extends Part {
  view = ({ announcement }) => announcement;
}

customElements.define("vm-announcer", Announcer);
