/** Steps between deciding about money and its effect. Tests end the process at each of them. */
export const STEPS = [
  'checkout recorded',
  'checkout opened',
  'checkout stored',
  'webhook verified',
  'webhook looked up',
  'webhook settled',
  'webhook noted',
  'cancel ordered',
  'checkout cancelled',
  'checkout closed',
  'refund ordered',
  'refund made',
  'refund stored',
] as const;
export type Step = (typeof STEPS)[number];

/** Told of each step; whatever it throws or never resolves ends the work there. */
export type Reached = (step: Step) => Promise<void>;

export const onwards: Reached = () => Promise.resolve();
