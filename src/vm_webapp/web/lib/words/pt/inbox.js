/** O que se diz sobre tudo o que aguarda uma pessoa. */

import { own } from "../grammar.js";

export default {
  title: "Caixa de entrada",
  link: (count) => (count ? `Caixa de entrada, ${count} aguardando` : "Caixa de entrada, nada aguarda"),
  most: "99+",
  waiting: (count) => (count === 1 ? "1 item aguarda" : `${count} itens aguardam`),
  loading: "Abrindo a caixa de entrada…",
  empty: "Nada espera por você",
  emptyText: "Etapas que precisam de uma decisão e tarefas abertas de todos os trabalhos aparecem aqui sozinhas.",
  kinds: { approval: "Decisão", task: "Tarefa" },
  where: (thread, number) => (number ? `${own(thread)} · Versão ${number}` : own(thread)),
  open: "Abrir no trabalho",
  done: "Marcar como feita",
  until: (when) => `vence ${when}`,
  keys: [
    ["j k", "próximo, anterior"],
    ["Enter", "abrir"],
    ["a", "aprovar"],
    ["r", "rejeitar"],
  ],
  keysTitle: "Teclas",
  list: "O que aguarda",
  preview: "O que será decidido",
  confirm: (stage) => `Aprovar “${stage}”?`,
  confirmHint: "Enter aprova, Escape volta atrás.",
  withComment: "Seu comentário vai junto:",
  yes: "Sim, aprovar",
  no: "Ainda não",
  more: "Mostrar mais antigos",
  back: "Voltar ao trabalho",
  noText: "Esta etapa não tem texto para mostrar aqui. Abra-a no trabalho.",
  taskText: "Uma tarefa deste trabalho.",
};
