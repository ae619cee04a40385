/** How many histories a seed plays where the run bounds them, as the mutation tests do for each change of the rules. */
const BOUND = Number(process.env['HISTORIES'] ?? Infinity);

/** Whether all histories are played, so that a test may expect them to meet every case. */
export const PLAYS_ALL = BOUND === Infinity;

/** Histories to play for each seed: `full`, or fewer in a run that bounds them. */
export function historiesOf(full: number): number {
  return Math.min(full, BOUND);
}
