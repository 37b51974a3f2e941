/** An approval's policy in words: who may, how many are missing, until when; and what keeps this person from deciding. */

import { locale } from "./language.js";
import { lazily } from "./lazily.js";
import { formatAgo, formatMoment } from "./dates.js";
import { whoActs } from "./deciding_state.js";
import { personText } from "./timeline.js";
import { words } from "./words.js";

const RANKS = ["viewer", "editor", "approver", "admin"];
const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const said = words.approval;

/** Sentences. */
export function policyWords(gate, now) {
  const missing = Math.max(0, gate.quorum - gate.granted.length);
  return [
    said.who(gate.role),
    said.needed(missing, gate.quorum),
    gate.four_eyes && said.fourEyes,
    gate.expires_at && said.until(formatUntil(gate.expires_at, now), formatMoment(gate.expires_at)),
    gate.expires_at && said.expiry[gate.on_expiry],
  ].filter(Boolean);
}

/** Who has approved already, in sentences. */
export function grantWords(gate, state) {
  return gate.granted.map(({ by, at }) => said.granted(personText(by, state), formatAgo(at, state.now)));
}

/** Why this person cannot approve or reject: a sentence, or null. Four eyes keep from approving alone. */
export function obstacle(run, gate, state, { toApprove }) {
  const { actor, role } = whoActs(state);
  if (RANKS.indexOf(role) < RANKS.indexOf(gate.role)) return said.role(gate.role, role);
  if (toApprove && gate.four_eyes && actor === run.requested_by) return said.own;
  if (toApprove && gate.granted.some(({ by }) => by === actor)) return said.done;
  return null;
}

/** "in 3 hours". */
export function formatUntil(iso, now) {
  const seconds = Math.max(0, Math.round((new Date(iso) - now) / 1000));
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? UNITS[2];
  return relative().format(Math.max(1, Math.round(seconds / size)), unit);
}
