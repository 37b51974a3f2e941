export default { save: "Save", make: "Create", cancel: "Cancel", optional: "optional" };
