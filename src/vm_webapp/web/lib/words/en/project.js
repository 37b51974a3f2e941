import { own } from "../grammar.js";

export default {
  many: "Projects",
  choose: "Project",
  more: "Project: more",
  make: "New project",
  edit: (name) => `Edit project ${own(name)}`,
  none: "No projects yet",
  fields: { name: "Name", objective: "Objective", channels: "Channels", due_on: "Due", kpis: "Measured by", budget_usd: "Budget (US$)" },
  hints: { objective: "What should be true when it is done.", channels: "Separated by commas.", due_on: "", kpis: "One a line, such as: 120 visitors.", budget_usd: "What may be spent on models in all. Empty: no limit." },
};
