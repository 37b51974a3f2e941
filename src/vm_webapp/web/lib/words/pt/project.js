export default {
  many: "Projetos",
  choose: "Projeto",
  more: "Projeto: mais",
  make: "Novo projeto",
  edit: (name) => `Editar projeto ${name}`,
  none: "Nenhum projeto ainda",
  fields: { name: "Nome", objective: "Objetivo", channels: "Canais", due_on: "Prazo" },
  hints: { objective: "O que deve ser verdade quando terminar.", channels: "Separados por vírgulas.", due_on: "" },
  due: (date) => `Prazo: ${date}`,
};
