/** What is made when it is first needed, and once: a browser's formats take long to make, and a page needs few of them. */
export function lazily(make) {
  let made;
  return () => (made ??= make());
}
