/**
 * A signal that there may be new jobs. It comes between the engine, which adds jobs, and the runners, whose handlers
 * need the engine: the sender exists before its listeners.
 */
export function createBell() {
  const listeners: (() => void)[] = [];
  return {
    ring: () => listeners.forEach((listen) => listen()),
    onRing: (listen: () => void) => void listeners.push(listen),
  };
}
