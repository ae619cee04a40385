// @ts-check

/** Node's options for our programs. */
export const NODE_FLAGS = [
  // Node 22 calls running TypeScript experimental at every start.
  '--disable-warning=ExperimentalWarning',
  // Megabytes for what has just been made. At full load a booking's objects then die before anybody has to copy them;
  // with the default of 16, copying them cost the server processor time that showed in every profile.
  '--max-semi-space-size=32',
  // How far the heap may grow before all of it is looked through. V8 begins as soon as less room is left than young
  // objects take: with these 32 MB above a heap of 60 that was every three seconds, each time at the cost of a booking's
  // slowest hundredth (36 ms instead of 20 while the list is read 1,000 times a second).
  '--heap-growing-percent=150',
];
