export default {
  title: "Turn a request into finished work",
  text: "Say what you need. It is written stage by stage into files you can read, hand on and compare, version by version.",
  brand: "Your brand",
  project: "Project",
  thread: "Piece of work",
  threadHint: "As the request begins",
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
};
