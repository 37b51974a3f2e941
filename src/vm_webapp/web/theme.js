// Runs before the first paint, so that a chosen theme does not flash; lib/theme.js changes it.
try {
  const theme = localStorage.getItem("vm-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be switched off: the system's theme stands.
}
