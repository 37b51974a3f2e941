/** What is said where a person decides on a stage's files. */

const ROLES = { viewer: "viewer", editor: "editor", approver: "approver", admin: "admin" };

export default {
  kicker: "Waiting for a decision",
  title: (stage, mine) => `“${stage}” waits for ${mine ? "your" : "an"} approval`,
  reading: "You are reading exactly what is decided on.",
  elsewhere: "You are reading something else. Open what is decided on:",
  others: (count) => (count === 1 ? "One more stage waits here:" : `${count} more stages wait here:`),
  who: (role) => ({ editor: "Whoever may edit may decide.", approver: "Approvers may decide.", admin: "Admins may decide." })[role] ?? "",
  needed: (missing, quorum) => {
    if (quorum === 1) return "One approval is needed.";
    if (missing === quorum) return `${quorum} people have to approve.`;
    return missing === 1 ? `1 of ${quorum} approvals is missing.` : `${missing} of ${quorum} approvals are missing.`;
  },
  fourEyes: "Whoever asked for this version cannot approve it.",
  until: (when, moment) => `Until ${moment} (${when}).`,
  expiry: { fail: "After that the version fails.", reject: "After that it counts as rejected." },
  granted: (who, when) => `${who} approved ${when}`,
  done: "You have approved this. The other approvals are still missing.",
  role: (role, mine) => `Your role is ${ROLES[mine] ?? mine}. Ask somebody with the role ${ROLES[role] ?? role}.`,
  own: "You asked for this version, so somebody else has to approve it.",
  comment: "Comment",
  waiver: "Why is it all right all the same?",
  waiverHint: "Your reason is kept with your name.",
  approve: "Approve",
  waive: "Approve all the same",
  reject: "Reject…",
  reason: "What is wrong with it?",
  confirm: "Reject",
  rejectHint: "Rejecting ends this version. Its finished stages are kept, and the revision goes on from here.",
  keep: "Keep this as a rule of the brand",
  breaches: (count) => (count === 1 ? "It breaks a rule of the brand" : `It breaks ${count} rules of the brand`),
  place: (name, line) => (line ? `${name}, line ${line}` : name),
  morePlaces: (count) => (count === 1 ? "1 more place" : `${count} more places`),
  evidence: "Where",
  problem: (sentence) => sentence,
  exact: "What exactly is approved",
  exactHint: "The approval names these files by their fingerprints. If one byte changes, it does not count.",
  whole: "All of it together",
  changed: "These files have changed since you opened them.",
  reload: "Show the new files",
  rejected: (stage) => `“${stage}” was rejected`,
  revise: "Make the revision",
  revisionHint: "It makes a new version that is written with this reason in mind.",
  ruleLater: (text) => `The rejection stands, but the rule could not be kept: ${text}`,
  problems: {
    changed: {
      text: "The files are not the ones you were shown.",
      hint: "Look at what is there now, then decide.",
    },
    decided: { text: "Somebody has decided on this already.", hint: "What was decided is shown now." },
    role: { text: "Your role is not enough for this decision.", hint: "Ask somebody whom the profile names." },
    own: { text: "You asked for this version, so you cannot approve it.", hint: "Its profile wants another pair of eyes." },
  },
};
