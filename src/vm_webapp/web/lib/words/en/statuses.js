export default {
  queued: "Waiting its turn",
  pending: "Not started",
  running: "In progress",
  waiting_approval: "Waiting for approval",
  completed: "Finished",
  failed: "Failed",
  canceled: "Canceled",
  skipped: "Skipped",
  retrying: "Trying again soon",
  canceling: "Canceling",
  open: "Open",
  closed: "Closed",
};
