const DAY_MS = 86_400_000;

/** What a wall clock in `timeZone` shows at a moment, as a `datetime-local` field writes it: "2026-10-14T20:00". */
export function toWallClock(iso: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(Date.parse(iso));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/**
 * The moment at which a wall clock in `timeZone` shows `local`, as ISO 8601 in UTC, or null where it is no time.
 * A time that a zone skips in spring becomes the one an hour later; of one it repeats in autumn, the first is meant.
 */
export function fromWallClock(local: string, timeZone: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local)) return null;
  const asUtcMs = Date.parse(`${local}:00.000Z`);
  if (Number.isNaN(asUtcMs)) return null;
  // The offset before and after: enough for any change of offset in between.
  const offsets = [asUtcMs - DAY_MS, asUtcMs + DAY_MS].map((ms) => offsetMs(ms, timeZone));
  const moments = offsets.map((offset) => asUtcMs - offset);
  const exact = moments.filter((ms) => toWallClock(new Date(ms).toISOString(), timeZone) === local);
  return new Date(exact.length > 0 ? Math.min(...exact) : Math.max(...moments)).toISOString();
}

/** How far a zone's wall clock is ahead of UTC at a moment. */
function offsetMs(ms: number, timeZone: string): number {
  const iso = new Date(Math.floor(ms / 60_000) * 60_000).toISOString();
  return Date.parse(`${toWallClock(iso, timeZone)}:00.000Z`) - Date.parse(iso);
}

/** Whether a browser knows this IANA name; Intl has no way to ask but to try. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
