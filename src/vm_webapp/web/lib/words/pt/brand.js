export default {
  make: "Nova marca",
  edit: "Editar marca",
  choose: "Marca",
  more: "Marca: mais",
  fields: { name: "Nome", description: "O que é", voice: "Como soa", audience: "Com quem fala", do: "O que fazer", dont: "O que não fazer", budget_usd: "Orçamento (US$)" },
  hints: {
    description: "O que a marca vende e defende.",
    voice: "Por exemplo: calorosa, simples, nunca barulhenta.",
    audience: "Por exemplo: quem faz pão em casa no fim de semana.",
    do: "Uma por linha, por exemplo: dizer o preço.",
    dont: "Uma por linha, por exemplo: prometer prazos.",
    budget_usd: "O que pode ser gasto com modelos no total. Vazio: sem limite.",
  },
};
