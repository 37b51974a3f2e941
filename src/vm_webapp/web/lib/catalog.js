/** Brands, projects and the threads in them: what the navigation shows, and what a person makes and changes there. */

import { keepDraft } from "./drafts.js";
import { insist, perform } from "./perform.js";
import { threadHash, runHash } from "./router.js";

export class Catalog {
  /** What the first steps have made already, so that pressing Start again goes on instead of beginning anew. */
  #begun = {};

  constructor({ store, backend, go }) {
    Object.assign(this, { store, backend, go });
  }

  /** Loads what every view needs; waits for the server if it is not there yet. */
  async load() {
    const [brands, profiles, writers] = await insist(
      () => Promise.all([this.backend.listBrands(), this.backend.listProfiles(), this.backend.listWriters()]),
      () => true,
    );
    this.store.dispatch({ type: "writers_loaded", writers });
    this.store.dispatch({ type: "profiles_loaded", profiles });
    this.store.dispatch({ type: "brands_loaded", brands });
  }

  /** Opens what was worked on last; with nothing there yet the page leads by the hand instead. `loaded`: once the brands are there. */
  async openHome(loaded = null) {
    if (this.store.state.brandId) return;
    const [run] = await Promise.all([insist(() => this.backend.findNewestRun(), () => true), loaded]);
    const { brands, brandId } = this.store.state;
    if (!brands.length || brandId) return;
    if (run) this.go(threadHash(run.thread_id), { replace: true });
    else await this.chooseBrand(brands[0].brand_id);
  }

  /** Shows the brand's projects and goes to its newest thread. */
  async chooseBrand(brandId) {
    this.store.dispatch({ type: "brand_chosen", brandId });
    const threads = await this.#loadLists(brandId);
    const [newest] = threads.toSorted((one, other) => other.created_at.localeCompare(one.created_at));
    if (this.store.state.brandId === brandId) this.go(newest ? threadHash(newest.thread_id) : "#/");
  }

  /** Reads again how long stages take: a version that finished is one more example. */
  async loadProfiles() {
    this.store.dispatch({ type: "profiles_loaded", profiles: await this.backend.listProfiles() });
  }

  /** Goes to the project's newest thread, or to where one is made. */
  chooseProject(projectId) {
    this.store.dispatch({ type: "project_chosen", projectId });
    const [newest] = this.store.state.threads[projectId] ?? [];
    this.go(newest ? threadHash(newest.thread_id) : "#/");
  }

  /** Makes the navigation show where a thread lies. */
  async reveal({ brand_id: brandId, project_id: projectId }) {
    this.store.dispatch({ type: "brand_chosen", brandId });
    this.store.dispatch({ type: "project_chosen", projectId });
    if (!this.store.state.projects[brandId]) await this.#loadLists(brandId);
  }

  /** Reads again what the navigation shows: others may have made something while nobody looked. */
  async refresh() {
    const { brandId } = this.store.state;
    if (!brandId) return;
    this.store.dispatch({ type: "brands_loaded", brands: await this.backend.listBrands() });
    await this.#loadLists(brandId);
  }

  /** Creates or changes a brand, project or thread from its form. */
  async save({ noun, item, values, done }) {
    const saved = await perform(this.store, "form", () => this.#save(noun, item, values));
    if (!saved) return;
    done();
    this.store.dispatch({ type: `${noun}_saved`, [noun]: saved });
    this.store.dispatch({ type: "form_closed" });
    if (item?.[`${noun}_id`]) return;
    if (noun === "brand") await this.chooseBrand(saved.brand_id);
    if (noun === "project") {
      this.store.dispatch({ type: "threads_loaded", projectId: saved.project_id, threads: [] });
      this.chooseProject(saved.project_id);
    }
    if (noun === "thread") this.go(threadHash(saved.thread_id));
  }

  /** The first steps in one: brand, project, thread, request. What an earlier try has made gets the names that stand there now. */
  async begin(values) {
    const run = await perform(this.store, "welcome", async () => {
      const made = this.#begun;
      const { backend } = this;
      if (!made.brand) made.brand = await backend.createBrand({ name: values.brand });
      else if (made.brand.name !== values.brand) made.brand = await backend.updateBrand(made.brand.brand_id, { name: values.brand });
      const { brand_id } = made.brand;
      if (!made.project) made.project = await backend.createProject({ brand_id, name: values.project });
      else if (made.project.name !== values.project)
        made.project = await backend.updateProject(made.project.project_id, { name: values.project });
      const { project_id } = made.project;
      if (!made.thread) made.thread = await backend.createThread({ brand_id, project_id, title: values.thread });
      else if (made.thread.title !== values.thread) made.thread = await backend.renameThread(made.thread.thread_id, values.thread);
      return this.backend.requestRun(made.thread.thread_id, { request_text: values.request_text, mode: values.mode });
    });
    if (!run) return;
    const { brand, project, thread } = this.#begun;
    this.#begun = {};
    keepDraft("welcome", "");
    this.store.dispatch({ type: "brand_saved", brand });
    this.store.dispatch({ type: "project_saved", project });
    this.store.dispatch({ type: "thread_saved", thread });
    this.go(runHash(run.run_id));
  }

  /** A budget is a resource of its own: it is set where it was changed, when the rest is saved. */
  async #save(noun, item, { budget_usd: budget, ...values }) {
    const saved = await this.#saveWords(noun, item, values);
    const limit = budget?.replace(",", ".") || null;
    if (budget === undefined || limit === (item.budget_usd ?? null)) return saved;
    return this.backend.setBudget(noun, item[`${noun}_id`], limit);
  }

  #saveWords(noun, item, values) {
    if (noun === "brand") {
      const body = { ...values, do: lines(values.do), dont: lines(values.dont) };
      return item ? this.backend.updateBrand(item.brand_id, body) : this.backend.createBrand(body);
    }
    if (noun === "thread")
      return item.thread_id
        ? this.backend.renameThread(item.thread_id, values.title)
        : this.backend.createThread({ ...item, ...values });
    const body = {
      ...values,
      channels: values.channels
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean),
      due_on: values.due_on || null,
      kpis: lines(values.kpis),
    };
    return item.project_id
      ? this.backend.updateProject(item.project_id, body)
      : this.backend.createProject({ ...item, ...body });
  }

  /** The brand's projects and their threads; gives the threads. */
  async #loadLists(brandId) {
    const projects = await this.backend.listProjects(brandId);
    this.store.dispatch({ type: "projects_loaded", brandId, projects });
    const lists = await Promise.all(projects.map((project) => this.#loadThreads(project.project_id)));
    return lists.flat();
  }

  async #loadThreads(projectId) {
    const threads = await this.backend.listThreads(projectId);
    this.store.dispatch({ type: "threads_loaded", projectId, threads });
    return threads;
  }
}

const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
