// Runs before the first paint, so that neither a chosen theme nor the typeface flashes (lib/theme.js and lib/letters.js
// change them), and asks at once for what the page begins with; lib/first_look.js takes it over when it is there. While
// that comes, the browser reads what it knows of dates, which takes it some 40 ms the first time.
try {
  const theme = localStorage.getItem("vm-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (localStorage.getItem("vm-letters")) {
    document.documentElement.dataset.letters = "own";
    const href = new URL("vendor/source-serif-4/source-serif-4-latin-wght-normal.woff2", document.currentScript.src);
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href }));
  }
} catch {
  // Storage may be switched off: the system's theme and serif stand.
}
{
  const [, place, id] = /^#\/(?:(thread|run)s\/([^/]+)\/?)?/.exec(location.hash || "#/") ?? [];
  if (id || /^#?\/?$/.test(location.hash)) {
    const query = id ? `?${place}_id=${id}` : "";
    globalThis.firstLook = fetch(`/api/v2/first-look${query}`)
      .then(async (answer) => answer.ok && { said: await answer.json(), headers: answer.headers })
      .catch(() => null);
  }
}
setTimeout(() => new Intl.DateTimeFormat(navigator.language, { dateStyle: "medium", timeStyle: "short" }));
