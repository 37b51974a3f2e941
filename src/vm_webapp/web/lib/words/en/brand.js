export default {
  make: "New brand",
  edit: "Edit brand",
  choose: "Brand",
  more: "Brand: more",
  fields: { name: "Name", description: "What it is", voice: "How it sounds", audience: "Whom it speaks to" },
  hints: {
    description: "What the brand sells and stands for.",
    voice: "Such as: warm, plain, never loud.",
    audience: "Such as: people who bake at home on weekends.",
  },
};
