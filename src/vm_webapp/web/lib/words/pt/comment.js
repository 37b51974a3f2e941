export default {
  many: "Comentários",
  label: "Comentar",
  send: "Comentar",
  none: "Nenhum comentário ainda.",
  about: (version) => `Sobre a ${version.toLowerCase()}`,
  subject: "Sobre",
  whole: "Todo o trabalho",
  stage: (stage, version) => `“${stage}” da ${version.toLowerCase()}`,
  menu: "O que fazer com este comentário",
  erase: "Apagar este comentário…",
  more: "Mostrar comentários anteriores",
};
