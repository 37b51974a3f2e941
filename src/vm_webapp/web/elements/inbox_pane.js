/** Everything that waits for a person: a list, and beside it the text that is decided on with the decision. Keys do it all. */

import { formatUntil } from "../lib/gate.js";
import { Part } from "../lib/element.js";
import { button, html, icon, nothing, problemBox, repeat, time } from "../lib/html.js";
import { inboxStep, itemHash } from "../lib/inbox_keys.js";
import { renderMarkdown } from "../lib/markdown.js";
import { taskTitle } from "../lib/task_title.js";
import { titleOf, words } from "../lib/words.js";
import { blank } from "./blank.js";
import { decision } from "./decision.js";

const said = words.inbox;

class InboxPane extends Part {
  #text = null;
  #at = null;
  #begun = false;

  connectedCallback() {
    this.key = (event) => inboxStep(event, this);
    document.addEventListener("keydown", this.key);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.key);
  }

  update(state) {
    this.state = state;
    super.update(state);
    this.#show(this.chosen());
    this.#turnTo(state.inboxAt);
    if (!this.#begun && state.inboxAt) this.#begin();
  }

  /** Whoever comes to the inbox can use its keys at once; whoever has begun elsewhere meanwhile stays there. */
  #begin() {
    this.#begun = true;
    if (document.activeElement.matches("body, main, .inbox-link")) this.querySelector("[aria-current]")?.focus({ preventScroll: true });
  }

  /** Whatever is chosen next is seen in the list, and read from its beginning. */
  #turnTo(id) {
    if (this.#at && this.#at !== id) {
      this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
      scrollTo(0, 0);
    }
    this.#at = id;
  }

  view(state) {
    const { inbox, problems } = state;
    if (!inbox) return html`<p class="loading">${said.loading}</p>`;
    if (!inbox.items.length) return empty();
    const { item, run, stage } = this.chosen();
    return html`<section class="inbox" aria-labelledby="inbox-title" tabindex="-1">
      <div class="inbox-list">
        <header>
          <h1 id="inbox-title" tabindex="-1">${said.title}</h1>
          <p class="quiet" role="status">${said.waiting(inbox.items.length)}</p>
        </header>
        <ol aria-label=${said.list}>
          ${repeat(
            inbox.items,
            ({ item_id: id }) => id,
            (one) => html`<li>${this.#row(one, one === item, state.now)}</li>`,
          )}
        </ol>
        ${inbox.next ? button(said.more, () => this.intend("inbox_more"), { kind: "small" }) : nothing}
        ${problemBox(problems.inbox)} ${keys()}
      </div>
      <article class="inbox-text" aria-label=${said.preview} tabindex="-1">
        ${item ? this.#head(item) : nothing}
        <div class="inbox-prose"></div>
      </article>
      <div class="inbox-decision">
        ${item?.kind === "task" ? this.#task(item, state) : nothing}
        ${
          stage?.status === "waiting_approval"
            ? decision({ run, stage, state, id: "inbox-approval", kind: "primary", intend: (type, facts) => this.intend(type, facts) })
            : nothing
        }
      </div>
    </section>`;
  }

  /** What is chosen: the item, and for a decision its run and stage as far as they are known. */
  chosen() {
    const { inbox, inboxAt, inboxRuns } = this.state;
    const item = inbox?.items.find(({ item_id: id }) => id === inboxAt) ?? null;
    const known = item?.run_id ? inboxRuns[item.run_id] : null;
    const stage = known?.run.stages.find(({ stage_key: key }) => key === item.stage_key);
    return { item, run: known?.run, stage, text: known?.texts[item.stage_key] };
  }

  #row(item, chosen, now) {
    const { item_id: id, kind, title, thread_title: thread, run_number: number, opened_at: at, expires_at: until } = item;
    return html`<button
      class="inbox-row"
      type="button"
      data-item-id=${id}
      data-kind=${kind}
      aria-current=${chosen ? "true" : nothing}
      @click=${() => this.intend("inbox_selected", { itemId: id })}
    >
      ${icon(kind === "task" ? "square" : "hand")}
      <span class="inbox-what"><span class="visually-hidden">${said.kinds[kind]}: </span><strong dir="auto">${kind === "task" ? taskTitle({ ...item, number }) : titleOf(title)}</strong></span>
      <span class="quiet">${said.where(thread, kind === "task" ? null : number)}</span>
      <span class="quiet">${time(at, now)}${until ? html` · ${said.until(formatUntil(until, now))}` : nothing}</span>
    </button>`;
  }

  #head(item) {
    return html`<header class="inbox-head">
      <p class="quiet">${said.where(item.thread_title, item.run_number)}</p>
      <h2 dir="auto">${item.kind === "task" ? taskTitle({ ...item, number: item.run_number }) : titleOf(item.title)}</h2>
      <a data-action="open-item" href=${itemHash(item, this.chosen().stage)}>${said.open}${icon("arrow")}</a>
    </header>`;
  }

  #task(item, { busy, problems }) {
    const act = () => this.intend("inbox_task_completed", { item });
    return html`<p class="quiet">${said.taskText}</p>
      ${button(said.done, act, { name: "check", kind: "primary", action: "done", busy: busy.task })} ${problemBox(problems.task)}`;
  }

  /** The text is put in by hand: it is an element already, and large. */
  #show({ item, text }) {
    const place = this.querySelector(".inbox-prose");
    if (!place) return (this.#text = null);
    const key = item && text !== undefined ? `${item.item_id}\n${text}` : null;
    if (this.#text === key && place.hasChildNodes()) return undefined;
    this.#text = key;
    if (item?.kind !== "approval" || key === null) return place.replaceChildren();
    return place.replaceChildren(text === null ? said.noText : renderMarkdown(text));
  }
}

customElements.define("vm-inbox-pane", InboxPane);

function empty() {
  const back = html`<a class="button" href="#/">${said.back}</a>`;
  return html`<div class="inbox-empty">${blank("tray", { title: said.empty, hint: said.emptyText, acts: back, heading: true })}</div>`;
}

function keys() {
  return html`<dl class="keys quiet" aria-label=${said.keysTitle}>
    ${said.keys.map(
      ([names, what]) =>
        html`<div><dt>${names.split(" ").map((name) => html`<kbd>${name}</kbd>`)}</dt><dd>${what}</dd></div>`,
    )}
  </dl>`;
}
