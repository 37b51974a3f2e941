/** What can wait: until it is needed, or until the browser has nothing else to do. */

/** What is made when it is first needed, and once: a browser's formats take long to make, and a page needs few of them. */
export function lazily(make) {
  let made;
  return () => (made ??= make());
}

/** Does the work in the browser's spare time. */
export const spare = globalThis.requestIdleCallback?.bind(globalThis) ?? ((work) => setTimeout(work, 16));
