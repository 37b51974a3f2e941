export default {
  make: "Nova marca",
  edit: "Editar marca",
  choose: "Marca",
  more: "Marca: mais",
  fields: { name: "Nome", description: "O que é", voice: "Como soa", audience: "Com quem fala" },
  hints: {
    description: "O que a marca vende e defende.",
    voice: "Por exemplo: calorosa, simples, nunca barulhenta.",
    audience: "Por exemplo: quem faz pão em casa no fim de semana.",
  },
};
