/** Small menus are `<details class="menu" name="menu">`: one open at a time, closed by Escape, by a choice and by a press elsewhere. */

import { settleKeyboard } from "./keyboard.js";

/** Makes every such menu on the page behave, those that come later included. */
export function closeMenus(root) {
  root.addEventListener("click", ({ target }) => {
    for (const menu of root.querySelectorAll("details.menu[open]"))
      if (!menu.contains(target) || target.closest(".menu-items")) menu.open = false;
    settleKeyboard();
  });
  root.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (!menu) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
