/**
 * Live events over fetch: replay after the last seen id, then follow, for as long as the page wants it.
 *
 * EventSource is not used because it listens by event type, hides the answer's status and cannot be told to look again.
 * What holds: every event is handed on once and in order, whatever the connection does; `onState` says what is true now.
 */

/** The server speaks every 15 seconds; who hears nothing for longer is not connected, whatever the connection says. */
const STALLED_AFTER = 22_000;
const DOUBTFUL_AFTER = 17_000;
/** An answer begins at once; a connection that died unnoticed never gives one. */
const ANSWERS_WITHIN = 8_000;
const LOOKS_EVERY = 2_000;
const LONGEST_PAUSE = 10_000;

/** Splits a text/event-stream into `{id, event, data}`; feed it text as it arrives. */
export class EventParser {
  #rest = "";
  #fields = {};

  push(text) {
    const events = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) {
      if (line) this.#take(line);
      else if (this.#fields.data !== undefined) events.push(this.#fields);
      if (!line) this.#fields = {};
    }
    return events;
  }

  #take(line) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (name === "data") this.#fields.data = this.#fields.data === undefined ? value : `${this.#fields.data}\n${value}`;
    else if (name) this.#fields[name] = value;
  }
}

/**
 * Follows one event stream. States: connecting, live, down (trying again), gone (there is no such stream), refused
 * (somebody has to sign in first), off. Frames without an id, texts that are being written, go to `onDraft`.
 */
export class LiveStream {
  #controller = null;
  #failures = 0;
  #heardAt = 0;
  #turn = null;
  #wakeUp = () => {};

  constructor({ url, position, onItem, onDraft = () => {}, onState, fetch = (...args) => globalThis.fetch(...args) }) {
    Object.assign(this, { url, position, onItem, onDraft, onState, fetch });
  }

  start() {
    if (this.#turn) return;
    this.#turn = {};
    this.#follow(this.#turn);
  }

  stop() {
    this.#turn = null;
    this.#controller?.abort();
    this.#wakeUp();
    this.onState("off");
  }

  /** Something suggests that the world changed (back online, laptop opened): look now instead of later. */
  wake() {
    this.#failures = 0;
    this.#wakeUp();
    if (Date.now() - this.#heardAt > DOUBTFUL_AFTER) this.#controller?.abort();
  }

  /** The connection is known to be lost. */
  lose() {
    this.#controller?.abort();
  }

  /** A turn lasts from start to stop, so that a stop and a start in one breath do not leave two loops behind. */
  async #follow(turn) {
    this.onState("connecting");
    while (this.#turn === turn) {
      const verdict = await this.#read().catch(() => "down");
      if (this.#turn !== turn) return;
      if (verdict === "gone" || verdict === "refused") {
        this.#turn = null;
        this.onState(verdict);
        return;
      }
      this.onState("down");
      await this.#pause();
    }
  }

  async #read() {
    const controller = new AbortController();
    this.#controller = controller;
    let patience = ANSWERS_WITHIN;
    const watch = setInterval(() => Date.now() - this.#heardAt > patience && controller.abort(), LOOKS_EVERY);
    this.#heardAt = Date.now();
    try {
      const answer = await this.fetch(this.url, {
        headers: { Accept: "text/event-stream", ...(this.position !== null && { "Last-Event-ID": String(this.position) }) },
        cache: "no-store",
        signal: controller.signal,
      });
      if (answer.status === 401) return "refused";
      if (answer.status === 404 || answer.status === 410) return "gone";
      if (!answer.ok || !answer.headers.get("content-type")?.startsWith("text/event-stream")) return "down";
      this.#failures = 0;
      this.#heardAt = Date.now();
      patience = STALLED_AFTER;
      this.onState("live");
      await this.#drain(answer.body.getReader());
      return "down";
    } finally {
      clearInterval(watch);
    }
  }

  async #drain(reader) {
    const parser = new EventParser();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#heardAt = Date.now();
      for (const event of parser.push(decoder.decode(value, { stream: true }))) this.#hand(event);
    }
  }

  #hand({ event, data }) {
    const item = JSON.parse(data);
    if (event === "draft") return this.onDraft(item);
    if (item.global_position <= this.position) return;
    this.position = item.global_position;
    return this.onItem(item);
  }

  /** Waits longer after each failure, with jitter so that many pages do not come back at the same instant. */
  #pause() {
    const longest = Math.min(LONGEST_PAUSE, 500 * 2 ** this.#failures);
    this.#failures += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, longest / 2 + (Math.random() * longest) / 2);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
