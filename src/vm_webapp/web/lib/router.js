/** The address after the `#`: what is open can be linked to, and the back button closes it again. */

const ROUTES = [
  [/^#\/threads\/([^/]+)$/, (thread) => ({ name: "thread", thread_id: thread })],
  [/^#\/runs\/([^/]+)$/, (run) => ({ name: "run", run_id: run })],
  [
    /^#\/runs\/([^/]+)\/files\/([^/]+)\/([^/]+)$/,
    (run, stage, name) => ({ name: "run", run_id: run, file: { run_id: run, stage_key: stage, name } }),
  ],
  [/^#\/inbox$/, () => ({ name: "inbox" })],
  [/^#\/search$/, () => ({ name: "search", q: "", filters: {} })],
  [
    /^#\/search\/([^/]+)\/([^/]+)\/(approved|all)$/,
    (q, brand, which) => ({
      name: "search",
      q,
      filters: { brandId: brand === "-" ? "" : brand, approved: which === "approved" },
    }),
  ],
];

/** A version beside an older one; the file is optional. */
const COMPARED = /^#\/runs\/([^/]+)\/compared-with\/([^/]+)(?:\/files\/([^/]+)\/([^/]+))?$/;

/** The route that a hash names; without one it is home, and what is no address of the page is lost. */
export function parseHash(hash) {
  for (const [pattern, make] of ROUTES) {
    const found = pattern.exec(hash);
    if (found) return make(...found.slice(1).map(decode));
  }
  const compared = COMPARED.exec(hash);
  return compared ? comparison(...compared.slice(1).map((part) => part && decode(part))) : { name: /^#?\/?$/.test(hash) ? "home" : "lost" };
}

function comparison(run, other, stage, name) {
  return { name: "run", run_id: run, compare: { with: other, stage_key: stage, name } };
}

export const inboxHash = "#/inbox";

/** A search in all deliverables, or in those of one brand, or in the approved ones. */
export function searchHash(q, { brandId, approved }) {
  const text = q.trim().toWellFormed?.() ?? q.trim();
  if (!text) return "#/search";
  return `#/search/${encodeURIComponent(text)}/${encodeURIComponent(brandId || "-")}/${approved ? "approved" : "all"}`;
}

export function threadHash(threadId) {
  return `#/threads/${encodeURIComponent(threadId)}`;
}

export function runHash(runId) {
  return `#/runs/${encodeURIComponent(runId)}`;
}

export function fileHash({ run_id: runId, stage_key: stageKey, name }) {
  return `${runHash(runId)}/files/${encodeURIComponent(stageKey)}/${encodeURIComponent(name)}`;
}

/** The version `runId` beside the version `otherId`, at the file of that stage and name where one is given. */
export function compareHash(runId, otherId, file) {
  const path = file ? `/files/${encodeURIComponent(file.stage_key)}/${encodeURIComponent(file.name)}` : "";
  return `${runHash(runId)}/compared-with/${encodeURIComponent(otherId)}${path}`;
}

/** The address of a page within this page, for others to open. */
export function fullAddress(hash) {
  return `${location.origin}${location.pathname}${hash}`;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
