// @ts-check

/** Node's options for our programs. */
export const NODE_FLAGS = [
  // Node 22 calls running TypeScript experimental at every start.
  '--disable-warning=ExperimentalWarning',
  // Megabytes for what has just been made. At full load a booking's objects then die before anybody has to copy them;
  // with the default of 16, copying them cost the server processor time that showed in every profile.
  '--max-semi-space-size=32',
];
