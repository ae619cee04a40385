/**
 * Runs one at a time. Callers that come during a run share the next one, which gets all that they want: as many callers
 * as there may be, none competes with another one for the same documents. A run that fails fails for all its callers.
 */
export function createSharedRuns<T>(run: (wanted: readonly T[]) => Promise<void>) {
  let next: { wanted: T[]; done: Promise<void> } | null = null;
  let current: Promise<void> = Promise.resolve();

  function open(): { wanted: T[]; done: Promise<void> } {
    const wanted: T[] = [];
    const done = current.then(() => {
      next = null;
      return run(wanted);
    });
    current = done.catch(() => undefined);
    return { wanted, done };
  }

  return (wanted: readonly T[]): Promise<void> => {
    next ??= open();
    next.wanted.push(...wanted);
    return next.done;
  };
}
