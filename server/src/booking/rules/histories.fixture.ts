import fc from 'fast-check';

/** The most histories per seed; mutation tests set HISTORIES to bound the time of each mutant. */
const BOUND = Number(process.env['HISTORIES'] ?? Infinity);

/** Whether the run plays all histories, so that a test may expect them to cover every case. */
export const PLAYS_ALL = BOUND === Infinity;

/** Histories to play for each seed: `full`, or fewer in a run that bounds them. */
export function historiesOf(full: number): number {
  return Math.min(full, BOUND);
}

/** Null, but for one time in so many. (`fc.option` is null one time in `freq`.) */
export function onceIn<T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}
