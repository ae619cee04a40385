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
 * The UTC times (ISO 8601) of a wall-clock time in `timeZone`: none if `local` is no time, two in the hour that the zone
 * repeats in autumn. A time that the zone skips in spring becomes the time an hour later.
 */
export function wallClockTimes(local: string, timeZone: string): string[] {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local)) return [];
  const asUtcMs = Date.parse(`${local}:00.000Z`);
  if (Number.isNaN(asUtcMs)) return [];
  // The offsets a day before and after cover any change of offset in between.
  const offsets = [asUtcMs - DAY_MS, asUtcMs + DAY_MS].map((ms) => offsetMs(ms, timeZone));
  const moments = [...new Set(offsets.map((offset) => asUtcMs - offset))].sort((a, b) => a - b);
  const exact = moments.filter((ms) => toWallClock(new Date(ms).toISOString(), timeZone) === local);
  return (exact.length > 0 ? exact : moments.slice(-1)).map((ms) => new Date(ms).toISOString());
}

/** A time by the clock of a zone, with its offset: "2026-10-14T20:00:00+02:00". */
export function isoWithOffset(iso: string, timeZone: string): string {
  const minutes = Math.round(offsetMs(Date.parse(iso), timeZone) / 60_000);
  const part = (value: number) => String(value).padStart(2, '0');
  const [sign, ahead] = [minutes < 0 ? '-' : '+', Math.abs(minutes)];
  const seconds = iso.slice(17, 19);
  return `${toWallClock(iso, timeZone)}:${seconds}${sign}${part(Math.floor(ahead / 60))}:${part(ahead % 60)}`;
}

/** The zone's offset from UTC at a time, in milliseconds. */
function offsetMs(ms: number, timeZone: string): number {
  const iso = new Date(Math.floor(ms / 60_000) * 60_000).toISOString();
  return Date.parse(`${toWallClock(iso, timeZone)}:00.000Z`) - Date.parse(iso);
}
