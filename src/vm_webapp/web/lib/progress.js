/** How far a stage is: how long it has worked, how long it usually takes, and what that means. Pure. */

const SETTLED = new Set(["completed", "failed", "canceled"]);
const SLOW_BY = 2;
const SLOW_SECONDS = 20;
const WORTH_SAYING = 2;

/** The status that people are told: one that failed for now and tries again by itself is `retrying`, one that was stopped `canceled`. */
export function toldStatus({ status, retry_at: retryAt, attempts = [] }) {
  if (status === "failed" && attempts.at(-1)?.error_code === "canceled") return "canceled";
  return retryAt && status !== "completed" && status !== "failed" ? "retrying" : status;
}

/** The same for a version: one that is being canceled, or whose only work waits for its next attempt, does not look as if it were at work, nor one that was erased as if it could be read. */
export function toldRunStatus({ status, stages = [], cancel_requested: canceling, erased }) {
  if (erased) return "erased";
  if (SETTLED.has(status)) return status;
  if (canceling) return "canceling";
  const told = stages.map(toldStatus);
  return status === "running" && told.includes("retrying") && !told.includes("running") ? "retrying" : status;
}

/** Seconds since the stage's attempt began; null while it does not work. */
export function elapsedOf(stage, now) {
  const started = stage.attempts.findLast(({ status }) => status === "running")?.started_at ?? stage.started_at;
  return stage.status === "running" && started ? Math.max(0, (now - Date.parse(started)) / 1000) : null;
}

/** Seconds that the stage takes as a rule, or null where nobody knows or it is over in a moment. */
export function expectedOf(run, stage, profiles) {
  const plan = profiles.find(({ mode }) => mode === run.mode)?.stages;
  const seconds = plan?.find(({ key }) => key === stage.stage_key)?.expected_seconds ?? null;
  return seconds >= WORTH_SAYING ? seconds : null;
}

/** Whether it has worked for so much longer than usual that people begin to wonder. */
export function isSlow(elapsed, expected) {
  return expected !== null && elapsed > Math.max(expected * SLOW_BY, expected + SLOW_SECONDS);
}
