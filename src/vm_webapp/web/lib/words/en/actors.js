export default { human: "You", owner: "The workspace's owner", elsewhere: "The other workspace's owner", somebody: "Somebody", system: "VM", agent: "An agent" };
