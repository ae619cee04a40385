/** The most histories per seed; mutation tests set HISTORIES to bound the time of each mutant. */
const BOUND = Number(process.env['HISTORIES'] ?? Infinity);

/** Whether the run plays all histories, so that a test may expect them to cover every case. */
export const PLAYS_ALL = BOUND === Infinity;

/** Histories to play for each seed: `full`, or fewer in a run that bounds them. */
export function historiesOf(full: number): number {
  return Math.min(full, BOUND);
}
