const DAY_MS = 86_400_000;

/** The wall-clock time in `timeZone`, in the format of a `datetime-local` field: "2026-10-14T20:00". */
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
 * The UTC time (ISO 8601) of a wall-clock time in `timeZone`; null if `local` is no time. A time that the zone skips in
 * spring becomes the time an hour later; a time that it repeats in autumn is the first of the two.
 */
export function fromWallClock(local: string, timeZone: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local)) return null;
  const asUtcMs = Date.parse(`${local}:00.000Z`);
  if (Number.isNaN(asUtcMs)) return null;
  // The offsets a day before and after cover any change of offset in between.
  const offsets = [asUtcMs - DAY_MS, asUtcMs + DAY_MS].map((ms) => offsetMs(ms, timeZone));
  const moments = offsets.map((offset) => asUtcMs - offset);
  const exact = moments.filter((ms) => toWallClock(new Date(ms).toISOString(), timeZone) === local);
  return new Date(exact.length > 0 ? Math.min(...exact) : Math.max(...moments)).toISOString();
}

/** The zone's offset from UTC at a time, in milliseconds. */
function offsetMs(ms: number, timeZone: string): number {
  const iso = new Date(Math.floor(ms / 60_000) * 60_000).toISOString();
  return Date.parse(`${toWallClock(iso, timeZone)}:00.000Z`) - Date.parse(iso);
}

/** Whether Intl knows this IANA time zone; Intl offers no other way than to try. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
