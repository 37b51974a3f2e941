/** Light, dark, or what the system says; kept in the browser. theme.js applies it before the first paint. */

const ORDER = ["auto", "light", "dark"];

export function currentTheme() {
  return document.documentElement.dataset.theme ?? "auto";
}

export function nextTheme() {
  const theme = ORDER[(ORDER.indexOf(currentTheme()) + 1) % ORDER.length];
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("vm-theme", theme);
  } catch {
    // Storage may be switched off: the choice lasts until the page is closed.
  }
  return theme;
}
