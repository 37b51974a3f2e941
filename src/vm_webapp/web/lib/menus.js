/** Small menus are `<details class="menu" name="menu">`: one open at a time, closed by Escape, by a choice and by a press elsewhere; all of an open one is in sight. */

import { settleKeyboard } from "./keyboard.js";

/** Makes every such menu on the page behave, those that come later included. */
export function closeMenus(root) {
  root.addEventListener("click", ({ target }) => {
    for (const menu of root.querySelectorAll("details.menu[open]"))
      if (!menu.contains(target) || target.closest(".menu-items")) menu.open = false;
    settleKeyboard();
  });
  root.addEventListener("toggle", ({ target }) => target.open && target.matches("details.menu") && place(target), true);
  root.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (!menu) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

/** Where there is no room below its button but above, a menu opens upwards; where there is neither, the page moves. */
function place(menu) {
  const items = menu.querySelector(".menu-items");
  delete items.dataset.up;
  const { bottom, height } = items.getBoundingClientRect();
  if (bottom <= innerHeight) return;
  const above = menu.getBoundingClientRect().top - document.querySelector(".top").offsetHeight;
  if (height < above) items.dataset.up = "";
  else items.scrollIntoView({ block: "nearest" });
}
