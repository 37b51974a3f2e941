export default {
  many: "Files",
  none: "Files appear here as each stage finishes.",
  noneSettled: "This version has no files.",
  download: (name) => `Download ${name}`,
  read: (name) => `Read ${name}`,
};
