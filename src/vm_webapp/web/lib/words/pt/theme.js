export default {
  auto: "Tema do sistema",
  light: "Tema claro",
  dark: "Tema escuro",
  change: (now) => `${now}. Mudar o tema`,
};
