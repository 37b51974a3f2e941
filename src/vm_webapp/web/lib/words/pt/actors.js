export default { human: "Você", owner: "Quem cuida do espaço", elsewhere: "Quem cuida do outro espaço", somebody: "Alguém", system: "VM", agent: "Um agente" };
