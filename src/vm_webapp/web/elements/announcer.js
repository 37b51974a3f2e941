/** Tells those who do not see the page that a version settled or waits for somebody, and that the connection is lost or back; nothing else is announced. */

import { Part } from "../lib/element.js";

class Announcer extends Part {
  view = ({ announcement }) => announcement;
}

customElements.define("vm-announcer", Announcer);
