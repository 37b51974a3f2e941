/** The inbox by keyboard: j and k or the arrows choose, Enter opens, a approves after a question, r rejects. */

import { obstacle } from "./gate.js";
import { nameOf } from "./reading.js";
import { fileHash, runHash, threadHash } from "./router.js";

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Answers a key where the keyboard is in the inbox, unless somebody types or a dialog is open: what is dictated elsewhere decides nothing. */
export function inboxStep(event, pane) {
  if (!pane.contains(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, dialog, summary, .approval") || document.querySelector("dialog[open]")) return;
  const act = event.key in STEPS ? () => step(pane, STEPS[event.key]) : ACTS[event.key];
  if (!act || (event.key === "Enter" && event.target.closest("a, .inbox-decision"))) return;
  event.preventDefault();
  act(pane);
}

/** Where an item is worked on: the file that is decided on, else its version, else its thread. */
export function itemHash(item, stage) {
  const file = stage?.artifacts[0];
  if (file) return fileHash({ run_id: item.run_id, stage_key: stage.stage_key, name: nameOf(file) });
  return item.run_id ? runHash(item.run_id) : threadHash(item.thread_id);
}

function step(pane, by) {
  const items = pane.state.inbox?.items ?? [];
  const at = items.indexOf(pane.chosen().item);
  const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
  if (!next) return;
  pane.intend("inbox_selected", { itemId: next.item_id });
  pane.querySelector(`[data-item-id="${CSS.escape(next.item_id)}"]`)?.focus({ preventScroll: true });
}

const ACTS = {
  Enter: (pane) => {
    const { item, stage } = pane.chosen();
    if (item) pane.intend("went", { hash: itemHash(item, stage) });
  },
  a: (pane) => {
    const { item, run, stage } = pane.chosen();
    if (item?.kind === "task") return pane.intend("inbox_task_completed", { item });
    if (stage?.status !== "waiting_approval" || obstacle(run, stage.gate, pane.state, { toApprove: true })) return undefined;
    if (stage.gate.breaches.length) return pane.querySelector("[data-form=approval] textarea")?.focus();
    return pane.intend("dialog_opened", { dialog: { name: "confirm", run, stage } });
  },
  r: (pane) => {
    const details = pane.querySelector(".rejecting");
    if (!details) return;
    details.open = true;
    details.querySelector("textarea").focus();
  },
};
