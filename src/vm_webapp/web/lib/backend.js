/** One function per endpoint the page uses; the paths come from app.js, see docs/http.md. */

import { keptRun, keptTexts } from "./erased.js";

const part = encodeURIComponent;

export class Backend {
  constructor(api, paths) {
    this.api = api;
    this.paths = paths;
  }

  /** The time by the server's clock, in milliseconds. */
  now() {
    return Date.now() + this.api.ahead;
  }

  getSession() {
    return this.api.get(this.paths.session);
  }

  startSession(token) {
    return this.api.write("POST", this.paths.session, { token });
  }

  endSession() {
    return this.api.write("DELETE", this.paths.session, {});
  }

  async listProfiles() {
    return (await this.api.get(this.paths.profiles)).profiles;
  }

  /** Who can write, and who does where a request names nobody: `{default, writers}`. */
  listWriters() {
    return this.api.get(this.paths.writers);
  }

  listBrands() {
    return this.#listAll(this.paths.brands, "brands", {});
  }

  listProjects(brandId) {
    return this.#listAll(this.paths.projects, "projects", { brand_id: brandId });
  }

  listThreads(projectId) {
    return this.#listAll(this.paths.threadList, "threads", { project_id: projectId });
  }

  createBrand(body) {
    return this.api.write("POST", this.paths.brands, body);
  }

  updateBrand(brandId, body) {
    return this.api.write("PATCH", `${this.paths.brands}/${part(brandId)}`, body);
  }

  createProject(body) {
    return this.api.write("POST", this.paths.projects, body);
  }

  updateProject(projectId, body) {
    return this.api.write("PATCH", `${this.paths.projects}/${part(projectId)}`, body);
  }

  createThread(body) {
    return this.api.write("POST", this.paths.threadList, body);
  }

  async getThread(threadId) {
    return keptTexts(await this.api.get(this.#thread(threadId)));
  }

  renameThread(threadId, title) {
    return this.api.write("PATCH", this.#thread(threadId), { title });
  }

  closeThread(threadId) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.closing, {});
  }

  reopenThread(threadId) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.reopening, {});
  }

  addMode(threadId, mode) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.modes, { mode });
  }

  removeMode(threadId, mode) {
    return this.api.write("DELETE", `${this.#thread(threadId)}${this.paths.modes}/${part(mode)}`);
  }

  /** A page `{items, next}` of one of the thread's lists: `timeline`, `comments`, `tasks` or `runs`. */
  async listOfThread(threadId, list, { after, limit = 50 } = {}) {
    const [path, name] = {
      timeline: [this.paths.timeline, "items"],
      comments: [this.paths.comments, "comments"],
      tasks: [this.paths.tasks, "tasks"],
      runs: [this.paths.workflowRuns, "runs"],
    }[list];
    const page = await this.api.get(this.#thread(threadId) + path + query({ limit, after }));
    return { items: page[name].map(list === "runs" ? keptRun : keptTexts), next: page.next };
  }

  /** Everybody who asked for a version of the thread. */
  async listRequesters(threadId) {
    return (await this.api.get(this.#thread(threadId) + this.paths.requesters)).requesters;
  }

  /** The newest run of all threads, or undefined: where the work is. */
  async findNewestRun() {
    return (await this.api.get(this.paths.allRuns + query({ limit: 1 }))).runs[0];
  }

  addComment(threadId, body) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.comments, body);
  }

  addTask(threadId, body) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.tasks, body);
  }

  completeTask(taskId) {
    return this.api.write("POST", `${this.paths.task}${part(taskId)}${this.paths.completion}`, {});
  }

  /** Starts a run and answers at once; what follows arrives as events. */
  requestRun(threadId, body) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.workflowRuns, body, { prefer: "respond-async" });
  }

  async getRun(runId) {
    return keptRun(await this.api.get(this.#run(runId)));
  }

  /** What erasing a run, a comment or the thread would take, and what it would leave elsewhere. */
  previewErasure(threadId, subject) {
    return this.api.get(`${this.#thread(threadId)}${this.paths.erasures}/preview${query(subject)}`);
  }

  erase(threadId, body) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.erasures, body);
  }

  cancelRun(runId) {
    return this.api.write("POST", this.#run(runId) + this.paths.cancellation, {});
  }

  resumeRun(runId) {
    return this.api.write("POST", this.#run(runId) + this.paths.resumption, {});
  }

  retryRun(runId) {
    return this.api.write("POST", this.#run(runId) + this.paths.retry, {}, { prefer: "respond-async" });
  }

  approveStage(runId, stageKey, body) {
    return this.api.write("POST", this.#stage(runId, stageKey) + this.paths.approval, body);
  }

  rejectStage(runId, stageKey, body) {
    return this.api.write("POST", this.#stage(runId, stageKey) + this.paths.rejection, body);
  }

  /** Answers at once with the new run, as every way to go on does. */
  reviseRun(runId, body) {
    return this.#goOn(this.#run(runId) + this.paths.revision, body);
  }

  forkRun(runId, body) {
    return this.#goOn(this.#run(runId) + this.paths.fork, body);
  }

  editStage(runId, stageKey, body) {
    return this.#goOn(this.#stage(runId, stageKey) + this.paths.edit, body);
  }

  markBest(threadId, body) {
    return this.api.write("POST", this.#thread(threadId) + this.paths.bestVersion, body);
  }

  /** The manifests of a run's published stages, with what they say about rules. */
  async listManifests(runId) {
    return (await this.api.get(this.#run(runId) + this.paths.artifacts)).stages;
  }

  /** Everything that waits for a person, newest first: a page `{items, next}`. */
  listInbox({ after, limit = 100 } = {}) {
    return this.api.get(this.paths.inbox + query({ limit, after }));
  }

  search(parameters) {
    return this.api.get(this.paths.search + query({ limit: 20, ...parameters }));
  }

  listRules(brandId) {
    return this.#listAll(this.#rules(brandId), "rules", {});
  }

  addRule(brandId, body) {
    return this.api.write("POST", this.#rules(brandId), body);
  }

  retireRule(brandId, ruleId) {
    return this.api.write("POST", `${this.#rules(brandId)}/${part(ruleId)}${this.paths.retirement}`, {});
  }

  /** What a `brand` or `project` has cost, and what its budget leaves. */
  getCost(scope, id) {
    return this.api.get(this.#catalog(scope, id) + this.paths.cost);
  }

  setBudget(scope, id, limit) {
    return this.api.write("POST", this.#catalog(scope, id) + this.paths.budget, { limit_usd: limit });
  }

  readFile(file, options) {
    return this.api.text(`${this.fileUrl(file)}?view=inline`, options);
  }

  /** A file in another form, such as `docx`, as bytes. */
  exportFile(file, form) {
    return this.api.blob(this.fileUrl(file) + query({ as: form }));
  }

  fileUrl({ run_id: runId, stage_key: stageKey, name }) {
    return `${this.#run(runId)}${this.paths.artifacts}/${part(stageKey)}/${part(name)}`;
  }

  downloadUrl(runId) {
    return this.#run(runId) + this.paths.download;
  }

  /** Everything that one stage published, as one archive. */
  stageUrl({ run_id: runId, stage_key: stageKey }) {
    return this.downloadUrl(runId) + query({ stage_key: stageKey });
  }

  allEventsUrl() {
    return this.paths.allEvents;
  }

  eventsUrl(threadId) {
    return this.#thread(threadId) + this.paths.events;
  }

  #goOn(path, body) {
    return this.api.write("POST", path, body, { prefer: "respond-async" });
  }

  #rules(brandId) {
    return this.#catalog("brand", brandId) + this.paths.rules;
  }

  #catalog(scope, id) {
    return `${scope === "brand" ? this.paths.brands : this.paths.projects}/${part(id)}`;
  }

  #thread(threadId) {
    return this.paths.threads + part(threadId);
  }

  #run(runId) {
    return this.paths.runs + part(runId);
  }

  #stage(runId, stageKey) {
    return this.#run(runId) + this.paths.stages + part(stageKey);
  }

  async #listAll(path, name, parameters) {
    const all = [];
    let after;
    do {
      const page = await this.api.get(path + query({ ...parameters, limit: 200, after }));
      all.push(...page[name]);
      after = page.next;
    } while (after && all.length < 2000);
    return all;
  }
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
