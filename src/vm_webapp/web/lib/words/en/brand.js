export default {
  make: "New brand",
  edit: "Edit brand",
  choose: "Brand",
  more: "Brand: more",
  fields: { name: "Name", description: "What it is", voice: "How it sounds", audience: "Whom it speaks to", do: "What to do", dont: "What not to do", budget_usd: "Budget (US$)" },
  hints: {
    description: "What the brand sells and stands for.",
    voice: "Such as: warm, plain, never loud.",
    audience: "Such as: people who bake at home on weekends.",
    do: "One a line, such as: Name the price.",
    dont: "One a line, such as: Promise deadlines.",
    budget_usd: "What may be spent on models in all. Empty: no limit.",
  },
};
