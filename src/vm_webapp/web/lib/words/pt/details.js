export default {
  name: "Detalhes",
  run: "Execução",
  stage: "Etapa",
  event: "Evento",
  digest: "Impressão digital",
  writer: "Escrito por",
  profile: "Perfil",
  thread: "Trabalho",
};
