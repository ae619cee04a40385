const MINUTE_MS = 60_000;
/** More seats than this the row of minutes does not draw. */
const MOST_MINUTES = 24;

export type HoldStage = 'running' | 'two_minutes' | 'thirty_seconds' | 'over';

/** How far a hold is: its clock changes colour, and is spoken of, at these moments only. */
export function holdStage(leftMs: number): HoldStage {
  if (leftMs <= 0) return 'over';
  if (leftMs <= MINUTE_MS / 2) return 'thirty_seconds';
  return leftMs <= 2 * MINUTE_MS ? 'two_minutes' : 'running';
}

/** A hold as a row of seats, one a minute, that empties: how many there are and how many are left. */
export function holdMinutes(lengthMs: number, leftMs: number): { total: number; left: number } {
  const total = Math.min(MOST_MINUTES, Math.max(1, Math.ceil(lengthMs / MINUTE_MS)));
  const left = Math.ceil((Math.max(0, leftMs) * total) / Math.max(lengthMs, total * MINUTE_MS));
  return { total, left: Math.min(total, left) };
}
