/** What is said about the rules of a brand. */

import { own } from "../grammar.js";

const KINDS = {
  forbidden_words: "Words that must not be said",
  tone: "Words that are off-tone",
  required_text: "Text that must be there",
  max_length: "A greatest length",
};

export default {
  title: (brand) => `Rules of ${own(brand)}`,
  open: "Rules of the brand",
  text: "All that is written for the brand is checked against its rules. What breaks one waits for a person.",
  none: "No rules yet",
  noneHint: "Add one here, or keep the reason of a rejection as one.",
  add: "Add a rule",
  sentence: "The rule, in a sentence",
  sentenceHint: "Such as: Promise nothing that we cannot keep.",
  check: "How it is checked",
  noCheck: "By people and writers only",
  kinds: KINDS,
  words: "Words or expressions, one a line",
  required: "The text",
  characters: "At most this many characters",
  retire: "Retire",
  retireNamed: (text) => `Retire the rule: ${own(text)}`,
  retired: (count) => (count === 1 ? "1 retired rule" : `${count} retired rules`),
  from: "From a rejection",
  close: "Close",
  loading: "Reading the rules…",
  says: {
    forbidden_words: ({ words }) => `Must not say: ${words.join(", ")}`,
    tone: ({ words }) => `Off-tone: ${words.join(", ")}`,
    required_text: ({ text }) => `Must say: ${text}`,
    max_length: ({ characters }) => `At most ${characters} characters`,
  },
};
