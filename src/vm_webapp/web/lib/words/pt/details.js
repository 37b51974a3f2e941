export default {
  show: "Mostrar detalhes",
  hide: "Ocultar detalhes",
  run: "Execução",
  stage: "Etapa",
  event: "Evento",
  digest: "Impressão digital",
  log: "Registro",
  writer: "Escrito por",
  profile: "Perfil",
  thread: "Trabalho",
};
