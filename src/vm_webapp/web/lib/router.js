/** The address after the `#`: what is open can be linked to, and the back button closes it again. */

const ROUTES = [
  [/^#\/threads\/([^/]+)$/, (thread) => ({ name: "thread", thread_id: thread })],
  [/^#\/runs\/([^/]+)$/, (run) => ({ name: "run", run_id: run })],
  [
    /^#\/runs\/([^/]+)\/files\/([^/]+)\/([^/]+)$/,
    (run, stage, name) => ({ name: "run", run_id: run, file: { run_id: run, stage_key: stage, name } }),
  ],
];

/** The route that a hash names; unknown ones lead home. */
export function parseHash(hash) {
  for (const [pattern, make] of ROUTES) {
    const found = pattern.exec(hash);
    if (found) return make(...found.slice(1).map(decode));
  }
  return { name: "home" };
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

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
