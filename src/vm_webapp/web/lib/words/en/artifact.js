export default {
  many: "Files",
  none: "Files appear here as each stage finishes.",
  noneSettled: "This version has no files.",
  forms: (stage) => `Forms of ${stage}`,
  views: { markdown: "Text", text: "Text", csv: "Table", calendar: "Calendar", json: "Data", image: "Image" },
  download: (name) => `Download ${name}`,
  read: (name) => `Read ${name}`,
};
