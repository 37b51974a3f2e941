/** What is to be done in the thread. */

import { kept } from "../lib/drafts.js";
import { formValues, Part } from "../lib/element.js";
import { html, icon, keyed, live, nothing, problemBox, repeat, still } from "../lib/html.js";
import { taskTitle } from "../lib/task_title.js";
import { words } from "../lib/words.js";

class Tasks extends Part {
  #completing = null;

  view(state) {
    const { tasks, busy, problems, threadId } = state;
    const draft = `task:${threadId}`;
    if (!tasks) return nothing;
    const numberOf = (runId) => state.runs?.items.find(({ run_id: id }) => id === runId)?.number;
    const named = tasks.items.map((task) => ({ ...task, title: taskTitle({ ...task, number: numberOf(task.run_id) }) }));
    const open = named.filter(({ status }) => status === "open");
    const completed = named.filter(({ status }) => status !== "open");
    return html`<details class="panel" open>
      <summary>
        <h2>${words.task.many}</h2>
        <span class="quiet">${open.length ? words.task.open(open.length) : ""}</span>${icon("chevron")}
      </summary>
      ${keyed(
        draft,
        html`<form class="row" ${kept(draft)} @submit=${(event) => this.#add(event)}>
          <label class="visually-hidden" for="task-title">${words.task.label}</label>
          <input class="grow" id="task-title" dir="auto" name="title" required maxlength="200" placeholder=${words.task.label} />
          <button class="button small" type="submit" aria-disabled=${still(busy.task)}>${words.task.send}</button>
        </form>`,
      )}
      ${problemBox(problems.task)} ${tasks.items.length ? nothing : html`<p class="quiet">${words.task.none}</p>`}
      <ul class="tasks">
        ${repeat(
          open,
          (task) => task.task_id,
          (task) =>
            html`<li>
              <label class="check">
                <input
                  type="checkbox"
                  .checked=${live(Boolean(busy.task) && this.#completing === task.task_id)}
                  aria-disabled=${still(busy.task)}
                  aria-label=${words.task.complete(task.title)}
                  @change=${() => this.#complete(task)}
                />
                <span dir="auto">${task.title}</span></label
              >
            </li>`,
        )}
      </ul>
      ${
        completed.length
          ? html`<details>
              <summary class="quiet">${words.task.completed(completed.length)}</summary>
              <ul class="tasks done">
                ${repeat(
                  completed,
                  (task) => task.task_id,
                  (task) => html`<li>${icon("circle-check")}<span dir="auto">${task.title}</span></li>`,
                )}
              </ul>
            </details>`
          : nothing
      }
      ${this.more("tasks", words.task.more, state)}
    </details>`;
  }

  #complete(task) {
    this.#completing = task.task_id;
    this.intend("task_completed", { task });
  }

  #add(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const { title } = formValues(form);
    if (title) this.intend("task_added", { values: { title }, done: () => form.reset() });
  }
}

customElements.define("vm-tasks", Tasks);
