export default {
  many: "Projects",
  choose: "Project",
  more: "Project: more",
  make: "New project",
  edit: (name) => `Edit project ${name}`,
  none: "No projects yet",
  fields: { name: "Name", objective: "Objective", channels: "Channels", due_on: "Due" },
  hints: { objective: "What should be true when it is done.", channels: "Separated by commas.", due_on: "" },
  due: (date) => `Due ${date}`,
};
