/** What is said about what models cost. */

export default {
  line: (writer) => `Written by ${writer}`,
  tokens: (amount) => `${amount} tokens`,
  unknown: "cost unknown",
  partly: (usd) => `${usd}, and more of unknown price`,
  reserved: (usd) => `up to ${usd} more, not confirmed`,
  budget: { run: "Budget of this version", project: "Budget of the project", brand: "Budget of the brand" },
  left: (left, limit) => `${left} of ${limit} left`,
  over: (limit) => `${limit}, all spent`,
  stages: "By stage",
};
