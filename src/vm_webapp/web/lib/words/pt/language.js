export default {
  name: "Português",
  change: "Switch to English",
  short: "EN",
  otherTag: "en",
};
