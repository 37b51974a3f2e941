/** Which language the page speaks: what was chosen here before, else what the browser asks for. It lasts as long as the page. */

const LOCALES = { en: ["en"], pt: ["pt-BR", "pt"] };
const KEY = "vm-language";

export const language = chosen() ?? preferred();

/** The reader's own locale of that language, such as en-GB, for dates and amounts. */
export const locale = navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? LOCALES[language][0];

/** Turns to the other language: the page begins anew, with what was typed kept. */
export function switchLanguage() {
  try {
    localStorage.setItem(KEY, language === "pt" ? "en" : "pt");
  } catch {
    // Storage may be switched off: then the browser's wish stands.
  }
  location.reload();
}

function chosen() {
  try {
    const kept = localStorage.getItem(KEY);
    return Object.hasOwn(LOCALES, kept) ? kept : null;
  } catch {
    return null;
  }
}

/** The first of the browser's languages that the page speaks. */
function preferred() {
  for (const tag of navigator.languages) {
    const [own] = tag.toLowerCase().split("-");
    if (Object.hasOwn(LOCALES, own)) return own;
  }
  return "en";
}
