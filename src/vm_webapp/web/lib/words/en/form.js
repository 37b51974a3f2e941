export default { save: "Save", make: "Create", cancel: "Cancel", optional: "optional", missing: (label) => `Fill in “${label}” first.` };
