export default { human: "Você", system: "VM", agent: "Um agente" };
