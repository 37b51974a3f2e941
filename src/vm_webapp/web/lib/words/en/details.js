export default {
  name: "Details",
  run: "Run",
  stage: "Stage",
  event: "Event",
  digest: "Fingerprint",
  writer: "Written by",
  profile: "Profile",
  thread: "Thread",
};
