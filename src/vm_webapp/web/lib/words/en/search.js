/** What is said where deliverables are looked for. */

import { own } from "../grammar.js";

export default {
  title: "Search",
  label: "Search in all deliverables",
  placeholder: "Words, or \"words in a row\"",
  send: "Search",
  brand: "In this brand only",
  inBrand: "Only in the brand",
  approved: "Approved or finished only",
  approvedHint: "(without “Approval not known”)",
  found: (count, more) => (more ? `The best ${count}` : count === 1 ? "1 deliverable" : `${count} deliverables`),
  none: (text) => `Nothing says “${own(text)}”`,
  noneHint: (narrowed) => `Try fewer words${narrowed ? ", or untick what narrows the search" : ""}. What was published a moment ago may take a second.`,
  start: "What are you looking for?",
  startHint: "The search reads every file that was published, in all versions. Accents and capitals do not count.",
  unknownMark: "Approval not known",
  approvedMark: "Approved",
  more: "Show more",
  loading: "Searching…",
};
