export default {
  auto: "System theme",
  light: "Light theme",
  dark: "Dark theme",
  next: (now) => `${now} (change)`,
  change: (now) => `${now}. Change theme`,
};
