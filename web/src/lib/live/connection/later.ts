/** Calls back after `ms`, unless the returned function is called first. */
export function later(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** `later`, or a test's own. */
export type Later = typeof later;
