/** Reads that run at once; what is asked for meanwhile is joined to the next one. */
const PARALLEL = 2;

interface NextRead<T> {
  ids: Set<string>;
  found: Promise<Map<string, T>>;
  resolve(found: Promise<Map<string, T>>): void;
}

/**
 * Reads single documents by id, joined: those that are asked for in one turn of the event loop, or while others are being
 * read, are one read. Thousands of clients that come back at once cost few reads then. A read that has begun is joined by
 * none, because it may miss what its next reader has just written.
 */
export function createJoinedReads<T>(readMany: (ids: readonly string[]) => Promise<Map<string, T>>) {
  let next: NextRead<T> | null = null;
  let running = 0;

  function startNext(): void {
    if (next === null || running >= PARALLEL) return;
    const { ids, resolve } = next;
    next = null;
    running += 1;
    resolve(finish(ids));
  }

  async function finish(ids: ReadonlySet<string>): Promise<Map<string, T>> {
    try {
      return await readMany([...ids]);
    } finally {
      running -= 1;
      startNext();
    }
  }

  /** The document with this id, or null. */
  return async function read(id: string): Promise<T | null> {
    if (next === null) {
      const { promise: found, resolve } = Promise.withResolvers<Map<string, T>>();
      next = { ids: new Set(), found, resolve };
      setImmediate(startNext);
    }
    next.ids.add(id);
    return (await next.found).get(id) ?? null;
  };
}
