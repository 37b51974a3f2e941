/** Every word the page says, in one table: another language is another table of the same shape. */

export const language = "en";

const count = (amount, one, many) => (amount === 1 ? `1 ${one}` : `${amount} ${many}`);

export const words = {
  statuses: {
    queued: "Waiting its turn",
    pending: "Not started",
    running: "Running",
    waiting_approval: "Waiting for approval",
    completed: "Finished",
    failed: "Failed",
    canceled: "Canceled",
    skipped: "Skipped",
    retrying: "Trying again soon",
    canceling: "Canceling",
    open: "Open",
    closed: "Closed",
  },
  live: {
    connecting: "Connecting…",
    live: "Live",
    down: "Not live: trying again…",
    gone: "This thread is not here any more",
    off: "Paused",
    retry: "Try now",
  },
  theme: { auto: "System theme", light: "Light theme", dark: "Dark theme", change: (now) => `${now}. Change theme` },
  brand: {
    make: "New brand",
    edit: "Edit brand",
    choose: "Brand",
    fields: { name: "Name", description: "What it is", voice: "How it sounds", audience: "Whom it speaks to" },
    hints: {
      description: "What the brand sells and stands for.",
      voice: "Such as: warm, plain, never loud.",
      audience: "Such as: people who bake at home on weekends.",
    },
  },
  project: {
    many: "Projects",
    make: "New project",
    edit: (name) => `Edit project ${name}`,
    none: "No projects yet.",
    fields: { name: "Name", objective: "Objective", channels: "Channels", due_on: "Due" },
    hints: { objective: "What should be true when it is done.", channels: "Separated by commas.", due_on: "" },
    due: (date) => `Due ${date}`,
  },
  thread: {
    make: "New thread",
    makeIn: (project) => `New thread in ${project}`,
    rename: "Rename",
    close: "Close thread",
    reopen: "Reopen thread",
    none: "No threads yet.",
    fields: { title: "What is this piece of work?" },
    hints: { title: "Such as: Launch of the autumn range." },
    closed: "This thread is closed. Reopen it to send requests.",
    loading: "Opening the thread…",
    missing: "This is not here (any more).",
    missingHint: "It may have been made in another workspace.",
    home: "Go to the start",
    pick: "Choose a thread",
    pickFirst: "Begin with a project",
    pickHint: "Threads hold one piece of work each. Choose one on the left, or make a new one.",
    pickProject: "A project holds the threads of one goal; a thread is one piece of work.",
    modes: "Profiles of this thread",
    addMode: "Add a profile",
    removeMode: (title) => `Remove ${title}`,
    noModes: "none chosen",
  },
  request: {
    title: "New request",
    label: "What do you need?",
    mode: "Profile",
    send: "Send request",
    sending: "Sending…",
    own: "Used in this thread",
    other: "Other profiles",
    empty: "Say what you need first.",
    stages: (titles) => `Makes: ${titles.join(", ")}.`,
  },
  run: {
    many: "Versions",
    version: (number) => `Version ${number}`,
    none: "No versions yet. Your first request makes version 1.",
    more: "Show older versions",
    progress: (done, total) => `${done} of ${count(total, "stage", "stages")} done`,
    cancel: "Cancel",
    retry: "Try again",
    zip: "Download all files",
    canceling: "Canceling. The stage at work ends first.",
    request: "Request",
    by: (who) => `Asked by ${who === words.actors.human ? "you" : who}`,
    took: (time) => `Took ${time}`,
    forked: (number) => `Goes on from version ${number}`,
    forkedUnknown: "Goes on from an earlier version",
    loading: "Loading this version…",
    failedAt: (stage) => `Stopped at “${stage}”`,
    rejectedAt: (stage) => `Rejected at “${stage}”`,
    failed: "This version failed",
    retryHint: (version) => `Trying again makes a new version; the finished stages of version ${version} are kept.`,
    notRetryable: "The same request would fail the same way. Change the request or the settings, then try again.",
    settled: (number, status) => `Version ${number}: ${words.statuses[status].toLowerCase()}.`,
    profile: (title) => `Profile: ${title}`,
  },
  stage: {
    many: "Stages",
    attempt: (number) => `Attempt ${number}`,
    attempts: (number) => count(number, "attempt", "attempts"),
    nextTry: (when) => `Next try at ${when}`,
    carried: "Taken over unchanged from an earlier version",
    files: (number) => count(number, "file", "files"),
    unnamed: "Something went wrong.",
  },
  approval: {
    title: (stage) => `“${stage}” waits for your approval`,
    text: "Read its files below. The run goes on when you approve them.",
    approve: "Approve",
    reject: "Reject…",
    reason: "What is wrong with it?",
    confirm: "Reject",
    rejectHint: "Rejecting ends this version. Finished stages are kept, and a new version can go on from here.",
  },
  artifact: {
    many: "Files",
    none: "Files appear here as each stage finishes.",
    noneSettled: "This version has no files.",
    download: (name) => `Download ${name}`,
    read: (name) => `Read ${name}`,
  },
  reader: {
    title: "Reader",
    close: "Close the reader",
    raw: "Show as plain text",
    formatted: "Show formatted",
    copy: "Copy text",
    copied: "Copied",
    loading: "Opening the file…",
    download: "Download",
    notText: "This kind of file cannot be shown here. Download it to open it in its own program.",
    tooLarge: "This file is too large to show here. Download it instead.",
    imageLeftOut: (alt) => `[Image left out: ${alt || "no description"}]`,
    rows: (shown, all) => `Showing ${shown} of ${all} rows. Download the file for all of them.`,
    table: "Table",
    from: (version, stage) => `${version} · ${stage}`,
    notJson: "This does not read as JSON, so it is shown as it is.",
    previous: "Previous file",
    next: "Next file",
  },
  comment: {
    many: "Comments",
    label: "Add a comment",
    send: "Comment",
    none: "No comments yet.",
    about: (version) => `About ${version.toLowerCase()}`,
    more: "Show older comments",
  },
  task: {
    many: "Tasks",
    label: "Add a task",
    send: "Add",
    none: "Nothing to do.",
    complete: (title) => `Complete: ${title}`,
    completed: (number) => count(number, "completed task", "completed tasks"),
    more: "Show older tasks",
    open: (number) => `${number} open`,
  },
  timeline: {
    many: "Timeline",
    none: "Nothing has happened yet.",
    more: "Show earlier events",
    steps: (number) => count(number, "step", "steps"),
    record: "Record",
  },
  welcome: {
    title: "Turn a request into finished work",
    text: "Say what you need. VM writes it stage by stage into files you can read, hand on and compare, version by version.",
    brand: "Your brand",
    project: "Project",
    thread: "Piece of work",
    request: "What do you need?",
    start: "Start",
    starting: "Starting…",
    examples: "Begin with an example",
    own: "or with your own words",
    defaults: { brand: "", project: "First project", thread: "" },
    list: [
      {
        title: "Launch plan",
        project: "Spring launch",
        thread: "90 days around the launch",
        request:
          "Plan the 90 days around the launch of our new spring range: audience and message, channels, a dated calendar, and the first texts for each channel. Keep it doable for a team of two.",
      },
      {
        title: "Newsletter revival",
        project: "Newsletter",
        thread: "Bring the newsletter back",
        request:
          "Our newsletter has been silent for six months. Plan how we come back: what to say first, a rhythm we can keep, topics for the next quarter, and the first issue.",
      },
      {
        title: "Open day",
        project: "Open day",
        thread: "Fill the open day",
        request:
          "We hold an open day in eight weeks and want 120 visitors from the neighbourhood. Plan the weeks before and after, with dates, channels, and texts ready to use.",
      },
    ],
  },
  form: { save: "Save", make: "Create", cancel: "Cancel", optional: "optional" },
  navigation: { skip: "Skip to the content", open: "Brands and threads", close: "Close", loading: "Loading…" },
  notice: { dismiss: "Dismiss" },
  actors: { human: "You", system: "VM", agent: "An agent" },
  problems: {
    unreachable: {
      text: "The server cannot be reached.",
      hint: "Check that it is running. What you wrote is kept; send it again and it will not be done twice.",
    },
    server_error: { text: "The server had a problem.", hint: "Try again in a moment." },
    unknown: { text: "That did not work." },
    not_found: { text: "This is not here (any more)." },
    thread_closed: { text: "This thread is closed.", hint: "Reopen it first." },
    version_conflict: {
      text: "Somebody changed this at the same moment.",
      hint: "Look at what is there now and try again.",
    },
    run_settled: {
      text: "This version is already finished.",
      hint: "Send a new request, or try it again as a new version.",
    },
    idempotency_key_in_flight: {
      text: "The server is still working on this.",
      hint: "Send it again in a moment; it will not be done twice.",
    },
    integrity: {
      text: "This file is not what was published.",
      hint: "It was changed or damaged on disk after it was made, so it is not shown.",
    },
  },
  events: {
    BrandCreated: () => "made the brand",
    BrandUpdated: () => "changed the brand",
    ProjectCreated: () => "made the project",
    ProjectUpdated: () => "changed the project",
    ThreadCreated: ({ payload }) => (payload.title ? `opened the thread “${payload.title}”` : "opened the thread"),
    ThreadRenamed: ({ payload }) => `renamed the thread to “${payload.title ?? ""}”`,
    ThreadClosed: () => "closed the thread",
    ThreadReopened: () => "reopened the thread",
    ThreadModeAdded: (_, names) => `added the profile ${names.mode}`,
    ThreadModeRemoved: (_, names) => `removed the profile ${names.mode}`,
    CommentAdded: ({ payload }) => `commented: “${excerpt(payload.text)}”`,
    TaskCreated: ({ payload }) => `added the task “${excerpt(payload.title)}”`,
    TaskCompleted: (_, names) => (names.task ? `completed the task “${excerpt(names.task)}”` : "completed a task"),
    WorkflowRunRequested: () => "asked for this version",
    WorkflowRunQueued: () => "joined the queue",
    WorkflowRunStarted: () => "started",
    WorkflowRunWaitingApproval: () => "waits for approval",
    WorkflowRunResumed: () => "went on",
    WorkflowRunCompleted: () => "finished",
    WorkflowRunFailed: () => "failed",
    WorkflowRunCancelRequested: () => "asked to cancel",
    WorkflowRunCanceled: () => "canceled",
    StageStarted: (_, names) => `${names.stage}: started${names.again}`,
    StageCompleted: (_, names) => `${names.stage}: finished`,
    StageFailed: (_, names) => `${names.stage}: an attempt failed`,
    ArtifactPublished: (_, names) => `${names.stage}: published${names.file}`,
    ApprovalRequested: (_, names) => `${names.stage}: approval asked for`,
    ApprovalGranted: (_, names) => `approved ${names.stage}`,
    ApprovalRejected: (_, names) => `rejected ${names.stage}`,
    ApprovalExpired: (_, names) => `${names.stage}: approval expired`,
  },
  otherEvent: (type) => plain(type).toLowerCase(),
  again: (attempt) => (attempt > 1 ? ` (attempt ${attempt})` : ""),
};

/** A key or a type name as words: `channel_plan` and `ChannelPlan` become "Channel plan". */
export function plain(name) {
  const text = String(name ?? "")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim()
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function excerpt(text, length = 80) {
  const line = String(text ?? "").replace(/\s+/g, " ");
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** Puts the table's words into the page's fixed markup: `data-word="request.label"`. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-word]")) {
    element.textContent = element.dataset.word.split(".").reduce((at, name) => at[name], words);
  }
}
