export default {
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
};
