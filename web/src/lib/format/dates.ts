import { getLocale } from '#lib/paraglide/runtime.js';

/** The Intl locale of a page's language; English dates and times are British: 24 hours, day before month. */
export function intlLocale(): string {
  return getLocale() === 'de' ? 'de-DE' : 'en-GB';
}

function format(iso: string | number, timeZone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  return formatter(intlLocale(), timeZone, options).format(typeof iso === 'string' ? Date.parse(iso) : iso);
}

function formatter(locale: string, timeZone: string | undefined, options: Intl.DateTimeFormatOptions) {
  return new Intl.DateTimeFormat(locale, timeZone === undefined ? options : { ...options, timeZone });
}

interface PosterDate {
  day: string;
  month: string;
  time: string;
}

/** The three lines of a poster, in the venue's zone: "14", "Oct", "Wed 20:00". */
export function posterDate(iso: string, timeZone: string): PosterDate {
  const parts = formatter(intlLocale(), timeZone, {
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(Date.parse(iso));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  const weekday = part('weekday').replace('.', '');
  return {
    day: part('day'),
    month: part('month').replace('.', ''),
    time: `${weekday} ${part('hour')}:${part('minute')}`,
  };
}

/** A time in the venue's zone, with the zone: "Wednesday, 14 October 2026 at 20:00 CEST". */
export function longTime(iso: string, timeZone: string): string {
  return format(iso, timeZone, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };

const DAY_AND_TIME: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  ...CLOCK,
};

/** A time in the venue's zone: "Wed, 14 Oct, 20:00"; with the year if it is not the year of `nowMs`. */
export function shortTime(iso: string, timeZone: string, nowMs: number): string {
  return format(iso, timeZone, { ...DAY_AND_TIME, ...yearUnlessOf(nowMs, iso, timeZone) });
}

function yearUnlessOf(nowMs: number, iso: string, timeZone: string): Intl.DateTimeFormatOptions {
  const year = (time: string | number) => format(time, timeZone, { year: 'numeric' });
  return year(iso) === year(nowMs) ? {} : { year: 'numeric' };
}

/**
 * Whether a time is shown with its zone: if the reader's clock differs, and always on the server, which does not know.
 */
function needsZone(iso: string, timeZone: string): boolean {
  return typeof document === 'undefined' || isElsewhere(iso, timeZone);
}

/** A time of day in a zone, by default the reader's: "20:14". */
export function clockTime(iso: string | number, timeZone?: string): string {
  return format(iso, timeZone, CLOCK);
}

/** A deadline or a start: as `shortTime`, with the zone if the reader's clock shows another time. */
export function zonedTime(iso: string, timeZone: string, nowMs: number): string {
  return needsZone(iso, timeZone)
    ? format(iso, timeZone, { ...DAY_AND_TIME, ...yearUnlessOf(nowMs, iso, timeZone), timeZoneName: 'short' })
    : shortTime(iso, timeZone, nowMs);
}

/** A time of day without its day is unambiguous this far ahead, over midnight too. */
const CLEAR_FOR_MS = 12 * 3_600_000;

/** The end of a hold: "20:14", with the day if it is over 12 hours ahead and the zone if the reader's clock differs. */
export function heldTime(iso: string, timeZone: string, nowMs: number): string {
  if (Date.parse(iso) - nowMs > CLEAR_FOR_MS) return zonedTime(iso, timeZone, nowMs);
  return format(iso, timeZone, { ...CLOCK, ...(needsZone(iso, timeZone) && { timeZoneName: 'short' }) });
}

/** A time of day in the reader's zone: "19:42:07". */
export function clockTimeWithSeconds(ms: number): string {
  return format(ms, undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** A time at the venue in the reader's zone: "21:00", with the day if it is another day there. */
export function readersTime(iso: string, timeZone: string): string {
  const isSameDay = format(iso, timeZone, { dateStyle: 'short' }) === format(iso, undefined, { dateStyle: 'short' });
  return isSameDay ? clockTime(iso) : format(iso, undefined, DAY_AND_TIME);
}

/** Whether the reader's clock shows another time than the venue's. */
export function isElsewhere(iso: string, timeZone: string): boolean {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'short', timeStyle: 'short' };
  return format(iso, timeZone, options) !== format(iso, undefined, options);
}
