export default {
  name: "English",
  change: "Mudar para português",
  short: "PT",
  otherTag: "pt-BR",
};
