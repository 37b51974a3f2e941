import { count } from "../grammar.js";

export default {
  many: "Tarefas",
  label: "Adicionar uma tarefa",
  send: "Adicionar",
  none: "Nada a fazer.",
  complete: (title) => `Concluir: ${title}`,
  completed: (number) => count(number, "tarefa concluída", "tarefas concluídas"),
  more: "Mostrar tarefas anteriores",
  open: (number) => count(number, "aberta", "abertas"),
};
