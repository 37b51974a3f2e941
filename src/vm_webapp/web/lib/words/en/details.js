export default {
  show: "Show details",
  hide: "Hide details",
  run: "Run",
  stage: "Stage",
  event: "Event",
  digest: "Fingerprint",
  log: "Log",
  writer: "Written by",
  profile: "Profile",
  thread: "Thread",
};
