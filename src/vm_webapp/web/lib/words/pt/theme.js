export default {
  auto: "Tema do sistema",
  light: "Tema claro",
  dark: "Tema escuro",
  next: (now) => `${now} (mudar)`,
  change: (now) => `${now}. Mudar o tema`,
};
