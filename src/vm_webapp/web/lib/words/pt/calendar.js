export default {
  previous: "Mês anterior",
  next: "Próximo mês",
  asList: "Semanas",
  asMonth: "Mês",
  week: (day) => `Semana de ${day}`,
  free: "nada planejado",
  none: "Nada está planejado neste mês.",
  more: (number) => `mais ${number}`,
  milestone: "Data-chave",
  repeats: "Repete-se; aparece no primeiro dia",
  unreadable: "Isto não é um calendário válido, por isso aparece como está.",
};
