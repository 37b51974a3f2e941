/** What is said in a calendar; both languages stand together, for it comes with the first file that is shown so. */

export default {
  en: {
    previous: "Previous month",
    next: "Next month",
    asList: "Weeks",
    asMonth: "Month",
    week: (day) => `Week of ${day}`,
    free: "nothing planned",
    none: "Nothing is planned in this month.",
    more: (number) => `${number} more`,
    milestone: "Key date",
    repeats: "Repeats; shown on its first day",
    unreadable: "This does not read as a calendar, so it is shown as it is.",
  },
  pt: {
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
  },
};
