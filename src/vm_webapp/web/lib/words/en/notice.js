export default { dismiss: "Dismiss" };
