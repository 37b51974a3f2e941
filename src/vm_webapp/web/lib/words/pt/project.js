import { own } from "../grammar.js";

export default {
  many: "Projetos",
  choose: "Projeto",
  more: "Projeto: mais",
  make: "Novo projeto",
  edit: (name) => `Editar projeto ${own(name)}`,
  none: "Nenhum projeto ainda",
  fields: { name: "Nome", objective: "Objetivo", channels: "Canais", due_on: "Prazo", kpis: "Medido por", budget_usd: "Orçamento (US$)" },
  hints: { objective: "O que deve ser verdade quando terminar.", channels: "Separados por vírgulas.", due_on: "", kpis: "Um por linha, por exemplo: 120 visitantes.", budget_usd: "O que pode ser gasto com modelos no total. Vazio: sem limite." },
};
