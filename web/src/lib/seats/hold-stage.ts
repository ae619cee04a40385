const MINUTE_MS = 60_000;
/** The largest number of seats in the row of minutes. */
const MOST_MINUTES = 24;

type HoldStage = 'running' | 'two_minutes' | 'thirty_seconds' | 'over';

/** The stage of a hold; its countdown changes colour, and is announced, when the stage changes. */
export function holdStage(leftMs: number): HoldStage {
  if (leftMs <= 0) return 'over';
  if (leftMs <= MINUTE_MS / 2) return 'thirty_seconds';
  return leftMs <= 2 * MINUTE_MS ? 'two_minutes' : 'running';
}

/** The remaining time of a hold as a row of seats, one for each minute: all seats, and those left. */
export function holdMinutes(lengthMs: number, leftMs: number): { total: number; left: number } {
  const total = Math.min(MOST_MINUTES, Math.max(1, Math.ceil(lengthMs / MINUTE_MS)));
  const left = Math.ceil((Math.max(0, leftMs) * total) / Math.max(lengthMs, total * MINUTE_MS));
  return { total, left: Math.min(total, left) };
}
