export default { human: "You", system: "VM", agent: "An agent" };
