/** O que se diz onde uma nova versão nasce de uma anterior. */

export default {
  tools: (stage) => `Continuar de “${stage}”`,
  ask: "Pedir uma revisão…",
  edit: "Editar o texto",
  title: (stage) => `Revisar “${stage}”`,
  feedback: "O que deve mudar?",
  hint: (number) => `Isto faz uma nova versão. A versão ${number} fica como está, e as etapas concluídas que não são afetadas são mantidas.`,
  send: "Pedir a revisão",
  fork: "Partir de uma versão…",
  forkTitle: "Uma nova versão que parte de uma anterior",
  from: "Partindo de",
  best: "melhor versão",
  stage: "Recomeçar em",
  start: "a primeira etapa",
  kept: (titles) => (titles.length ? `Ficam como estão: ${titles.join(", ")}.` : "Tudo é escrito de novo."),
  request: "O pedido",
  change: "O que deve mudar nessa etapa?",
  forkSend: "Fazer a versão",
  optional: "opcional",
  cancel: "Cancelar",
};
