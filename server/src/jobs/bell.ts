export type Bell = ReturnType<typeof createBell>;

/** Rung when there may be new jobs. Who rings is made before who listens: jobs need the engine that orders them. */
export function createBell() {
  const listeners: (() => void)[] = [];
  return {
    ring: () => listeners.forEach((listen) => listen()),
    onRing: (listen: () => void) => void listeners.push(listen),
  };
}
