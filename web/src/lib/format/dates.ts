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

export interface PosterDate {
  day: string;
  month: string;
  time: string;
}

/** The three lines of a poster: "14", "Oct", "Wed 20:00", in the venue's zone. */
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

/** "Wednesday, 14 October 2026 at 20:00 CEST", in the venue's zone and naming it. */
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

/** "Wed, 14 Oct, 20:00", in the venue's zone; with the year where it is not the one of `nowMs`. */
export function shortTime(iso: string, timeZone: string, nowMs: number): string {
  return format(iso, timeZone, { ...DAY_AND_TIME, ...yearUnlessOf(nowMs, iso, timeZone) });
}

function yearUnlessOf(nowMs: number, iso: string, timeZone: string): Intl.DateTimeFormatOptions {
  const year = (time: string | number) => format(time, timeZone, { year: 'numeric' });
  return year(iso) === year(nowMs) ? {} : { year: 'numeric' };
}

/** The server knows no reader's zone: what it writes names the venue's. */
function isNamed(iso: string, timeZone: string): boolean {
  return typeof document === 'undefined' || isElsewhere(iso, timeZone);
}

/** "20:14", on the reader's own clock or in a zone. */
export function clockTime(iso: string | number, timeZone?: string): string {
  return format(iso, timeZone, CLOCK);
}

/** As `shortTime`, and naming the zone where the reader's clock shows another time: something ends, or begins, then. */
export function zonedTime(iso: string, timeZone: string, nowMs: number): string {
  return isNamed(iso, timeZone)
    ? format(iso, timeZone, { ...DAY_AND_TIME, ...yearUnlessOf(nowMs, iso, timeZone), timeZoneName: 'short' })
    : shortTime(iso, timeZone, nowMs);
}

/** A clock's time is clear by itself for so long, over midnight too. */
const CLEAR_FOR_MS = 12 * 3_600_000;

/** Until when something is held: "20:14", with the day where that is far off and the zone where the reader's differs. */
export function heldTime(iso: string, timeZone: string, nowMs: number): string {
  if (Date.parse(iso) - nowMs > CLEAR_FOR_MS) return zonedTime(iso, timeZone, nowMs);
  return format(iso, timeZone, { ...CLOCK, ...(isNamed(iso, timeZone) && { timeZoneName: 'short' }) });
}

/** "19:42:07", on the reader's own clock. */
export function clockTimeWithSeconds(ms: number): string {
  return format(ms, undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** A moment of the venue on the reader's own clock: "21:00", with its day where that is another one. */
export function readersTime(iso: string, timeZone: string): string {
  const isSameDay = format(iso, timeZone, { dateStyle: 'short' }) === format(iso, undefined, { dateStyle: 'short' });
  return isSameDay ? clockTime(iso) : format(iso, undefined, DAY_AND_TIME);
}

/** Whether a moment reads differently on the reader's clock than at the venue. */
export function isElsewhere(iso: string, timeZone: string): boolean {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'short', timeStyle: 'short' };
  return format(iso, timeZone, options) !== format(iso, undefined, options);
}
