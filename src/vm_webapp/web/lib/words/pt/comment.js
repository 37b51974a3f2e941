export default {
  many: "Comentários",
  label: "Comentar",
  send: "Comentar",
  none: "Nenhum comentário ainda.",
  about: (version) => `Sobre a ${version.toLowerCase()}`,
  more: "Mostrar comentários anteriores",
};
