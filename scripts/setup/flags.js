// @ts-check

/** Node's options for our programs, measured with `npm run bench`. */
export const NODE_FLAGS = [
  // Node 22 warns at every start that running TypeScript is experimental.
  '--disable-warning=ExperimentalWarning',
  // Megabytes of a semi-space of the young generation. At full load the objects of a booking are then garbage before a
  // scavenge copies them; with the default of 16 MB the copying showed in every profile of the server.
  '--max-semi-space-size=32',
  // Growth of the heap, in percent, until the next mark-sweep. V8 starts one as soon as the room left is smaller than the
  // young generation: with 32 MB semi-spaces and a heap of 60 MB every three seconds. That raised the 99th percentile of
  // bookings from 20 to 36 ms while the list was read 1,000 times a second.
  '--heap-growing-percent=150',
  // The server collects the garbage of its start once: a quarter of its memory while it is idle.
  '--expose-gc',
];
