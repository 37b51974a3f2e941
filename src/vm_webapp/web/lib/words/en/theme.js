export default {
  auto: "System theme",
  light: "Light theme",
  dark: "Dark theme",
  change: (now) => `${now}. Change theme`,
};
