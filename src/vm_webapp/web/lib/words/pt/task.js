import { count, own } from "../grammar.js";

export default {
  many: "Tarefas",
  failed: (number) => `${number ? `A versão ${number}` : "Uma versão"} falhou: veja por quê, e tente de novo ou deixe estar.`,
  label: "Adicionar uma tarefa",
  send: "Adicionar",
  none: "Nada a fazer.",
  complete: (title) => `Concluir: ${own(title)}`,
  completed: (number) => count(number, "tarefa concluída", "tarefas concluídas"),
  more: "Mostrar tarefas anteriores",
  open: (number) => count(number, "aberta", "abertas"),
};
