/** The way to the server: JSON in and out, problems as errors, writes that are safe to repeat. */

import { FirstLook } from "./first_look.js";
import { words } from "./words.js";

const PAUSES = [400, 1200, 2500];
/** An answer that takes longer does not come: the connection died unnoticed, as it does while a laptop sleeps. */
const ANSWERS_WITHIN = 45_000;
const MAY_HAVE_HAPPENED = new Set([0, 502, 503, 504]);

/**
 * What the server (or the lack of one) answered: `text` and `hint` are for people, `fields` what is said of each by its name,
 * `{why, listed}`; `detail` is what the server said itself, where other words stand for it. `read`: nothing was sent.
 */
export class Problem extends Error {
  constructor({ status = 0, code = "unreachable", detail = "", hint = "", read = false, told = {} }) {
    const plain = told.text ? told : (words.problems[code] ?? {});
    super(plain.text ?? (detail || words.problems.unknown.text));
    this.status = status;
    this.code = code;
    this.text = this.message;
    this.hint = plain.text ? ((read && plain.readHint) || (plain.hint ?? "")) : hint;
    this.fields = told.fields ?? {};
    this.detail = plain.text ? detail : "";
  }

  /** Whether the request may have reached the server although no answer came back. */
  get open() {
    return MAY_HAVE_HAPPENED.has(this.status) || this.code === "idempotency_key_in_flight";
  }
}

/** Calls the HTTP API; everything that touches the outside is passed in so that tests can stand in for it. */
export class Api {
  #keys = new Map();

  /** How far the server's clock is ahead of this machine's, in milliseconds; elapsed times are counted by the server's. */
  ahead = 0;

  constructor({
    fetch = (...args) => globalThis.fetch(...args),
    makeKey = randomKey,
    pause = sleep,
    onRefused = () => {},
    firstLook,
  } = {}) {
    Object.assign(this, { fetch, makeKey, pause, onRefused });
    this.firstLook = new FirstLook(firstLook, (headers) => this.#tell(headers.get("date")));
  }

  /** The JSON at `path`. */
  async get(path, { signal } = {}) {
    const ahead = await this.firstLook.take(path);
    return ahead ?? this.#call(path, { headers: { Accept: "application/json" }, signal }, (answer) => answer.json());
  }

  /** The text of a file at `path`. */
  async text(path, { signal } = {}) {
    return (await this.firstLook.take(path)) ?? this.#call(path, { signal }, (answer) => answer.text());
  }

  /** The bytes at `path`. */
  async blob(path, { signal } = {}) {
    return this.#call(path, { signal }, (answer) => answer.blob());
  }

  /**
   * Sends a write. One submission has one Idempotency-Key: it is used again when the network fails under it, here and
   * when the person presses the button once more, until an answer is known. So no request is ever executed twice.
   */
  async write(method, path, body, { prefer } = {}) {
    const text = JSON.stringify(body ?? {});
    const submission = `${method} ${path} ${text}`;
    const key = this.#keys.get(submission) ?? this.makeKey();
    this.#keys.set(submission, key);
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key, ...(prefer && { Prefer: prefer }) };
    try {
      const take = (answer) => (answer.status === 204 ? null : answer.json());
      const taken = await this.#insist(() => this.#call(path, { method, headers, body: text }, take));
      this.#keys.delete(submission);
      return taken;
    } catch (problem) {
      if (!problem.open) this.#keys.delete(submission);
      throw problem;
    }
  }

  /** The header is exact to the second: smaller differences are none. */
  #tell(date) {
    const ahead = date ? Date.parse(date) - Date.now() : 0;
    this.ahead = Math.abs(ahead) > 2000 ? ahead : 0;
  }

  async #insist(send) {
    for (const wait of PAUSES) {
      try {
        return await send();
      } catch (problem) {
        if (!problem.open) throw problem;
        await this.pause(wait);
      }
    }
    return send();
  }

  /** What `take` makes of the answer; a problem where there is none, or none in time. */
  async #call(path, { signal, ...options }, take) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWERS_WITHIN);
    const end = () => patience.abort();
    signal?.addEventListener("abort", end);
    try {
      const answer = await this.fetch(path, { cache: "no-cache", ...options, signal: patience.signal });
      this.#tell(answer.headers.get("date"));
      if (answer.ok) return await take(answer);
      throw new Problem({ ...(await readProblem(answer)), status: answer.status });
    } catch (error) {
      if (signal?.aborted) throw new DOMException("It is not wanted any more.", "AbortError");
      if (error instanceof SyntaxError) throw error;
      if (!(error instanceof Problem)) throw new Problem({ read: !options.method });
      if (error.code === "unauthorized") this.onRefused();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }
}

async function readProblem(answer) {
  try {
    const body = await answer.json();
    const { code = "unknown", reason = "", hint, errors = [] } = body;
    return { code, detail: body.detail ?? body.title, hint, told: await told({ code, reason, errors }) };
  } catch {
    return { code: answer.status >= 500 ? "server_error" : "unknown" };
  }
}

/** Refusals are rare: their words come with the first one. Where they do not come, the server's own do. */
async function told(refusal) {
  const { tell } = await import("./refusals.js").catch(() => ({ tell: () => ({}) }));
  return tell(refusal);
}

/** A key for one submission; `crypto.randomUUID` exists on secure origins only, and a team may serve this on its network. */
function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
