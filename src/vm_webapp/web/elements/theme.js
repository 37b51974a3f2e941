/** Chooses between the system's theme, light and dark. */

import { Part } from "../lib/element.js";
import { iconButton } from "../lib/html.js";
import { currentTheme } from "../lib/theme.js";
import { words } from "../lib/words.js";

class Theme extends Part {
  view() {
    const label = words.theme.change(words.theme[currentTheme()]);
    return iconButton("theme", label, () => this.intend("theme_changed"));
  }
}

customElements.define("vm-theme", Theme);
