export default { dismiss: "Dispensar" };
