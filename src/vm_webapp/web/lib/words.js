/** Every word the page says, in the chosen language; the tables stand in words/<language>/<noun>.js, alike in shape. */

import { language } from "./language.js";
import { own } from "./words/grammar.js";

export { excerpt, own, plain } from "./words/grammar.js";
export { language };

const TABLES = { en: () => import("./words/en.js"), pt: () => import("./words/pt.js") };

/** The page's head has brought them already: waiting for an import, even of what is there, has the browser show an empty page first. */
export const words = globalThis.vmWords?.[language] ?? (await TABLES[language]()).default;

/** A profile's or stage's title: the built-in ones are translated, those that somebody wrote stand as written. */
export function titleOf(title) {
  return Object.hasOwn(words.titles, title) ? words.titles[title] : own(title);
}

/** Puts the table's words into the page's fixed markup: `data-word="request.label"`, `data-label="navigation.place"`. */
export function translate(root) {
  const find = (path) => path.split(".").reduce((at, name) => at[name], words);
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = find(element.dataset.word);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = find(element.dataset.label);
  for (const element of root.querySelectorAll("[data-hint]")) element.placeholder = find(element.dataset.hint);
  document.documentElement.lang = language === "pt" ? "pt-BR" : language;
}
