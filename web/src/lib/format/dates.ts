import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { toWallClock, wallClockTimes } from '#shared/time/wall-clock.ts';

/** The Intl locale of a page's language; English dates and times are British: 24 hours, day before month. */
export function intlLocale(): string {
  return getLocale() === 'de' ? 'de-DE' : 'en-GB';
}

function format(iso: string | number, timeZone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  const at = typeof iso === 'string' ? Date.parse(iso) : iso;
  const parts = formatter(intlLocale(), timeZone, options).formatToParts(at);
  return parts.map(({ type, value }, i) => unbroken(type, value, parts[i + 1]?.type)).join('');
}

/**
 * Keeps a zone on one line, and on that of its time: with a no-break space before it, and an offset with a minus sign
 * (U+2212), "GMT−5", because browsers break lines at a hyphen.
 */
function unbroken(type: string, value: string, next?: string): string {
  if (type === 'timeZoneName') return value.replaceAll('-', '\u2212');
  return next === 'timeZoneName' ? value.replace(' ', '\u00a0') : value;
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

/** The lines of a poster of an event that goes on: until when, in the venue's zone: "until", "2 Dec", or "22:30" today. */
export function posterUntil(endsAt: string, timeZone: string, nowMs: number): string {
  const isToday = dayOf(endsAt, timeZone) === dayOf(new Date(nowMs).toISOString(), timeZone);
  return format(endsAt, timeZone, isToday ? CLOCK : { day: 'numeric', month: 'short' });
}

/** Until when an event goes on, in words: "2 December", with the year if that is another, or "22:30" today. */
export function longUntil(endsAt: string, timeZone: string, nowMs: number): string {
  const isToday = dayOf(endsAt, timeZone) === dayOf(new Date(nowMs).toISOString(), timeZone);
  if (isToday) return ownClock(format(endsAt, timeZone, CLOCK));
  return format(endsAt, timeZone, { day: 'numeric', month: 'long', ...yearUnlessOf(nowMs, endsAt, timeZone) });
}

/** A month such as "2026-12", in words: "December 2026". */
export function monthName(month: string): string {
  return format(`${month}-15T12:00:00.000Z`, 'UTC', { month: 'long', year: 'numeric' });
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

/** A time of day in the venue's zone, with the zone: "20:00 CEST". */
export function zonedClock(iso: string, timeZone: string): string {
  return format(iso, timeZone, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
}

/** A time at the venue with the zone: "Wed, 14 Oct, 20:00 CEST", with the year if it is not the year of `nowMs`. */
export function venueTime(iso: string, timeZone: string, nowMs: number): string {
  return format(iso, timeZone, { ...dayAndTime(iso, timeZone, nowMs), ...ZONE });
}

/** The zone's name at a time, as the venue's clock shows it: "CEST". */
export function zoneName(iso: string, timeZone: string): string {
  const parts = formatter(intlLocale(), timeZone, { timeZoneName: 'short' }).formatToParts(Date.parse(iso));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };

const DAY_AND_TIME: Intl.DateTimeFormatOptions = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  ...CLOCK,
};

function yearUnlessOf(nowMs: number, iso: string, timeZone: string): Intl.DateTimeFormatOptions {
  const year = (time: string | number) => format(time, timeZone, { year: 'numeric' });
  return year(iso) === year(nowMs) ? {} : { year: 'numeric' };
}

/** The reader's time zone; null on the server, which does not know it. */
function readersZone(): string | null {
  return typeof document === 'undefined' ? null : new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A time of day in a zone, by default the reader's: "20:14". */
export function clockTime(iso: string | number, timeZone?: string): string {
  return format(iso, timeZone, CLOCK);
}

/**
 * The end of an event at the venue, beside its start with the zone: with the day if that is another one, and with the
 * zone if the clock was changed in between.
 */
export function endOf(
  { startsAt, endsAt, timeZone }: { startsAt: string; endsAt: string; timeZone: string },
  nowMs: number,
): string {
  const isSameDay = dayOf(startsAt, timeZone) === dayOf(endsAt, timeZone);
  const isSameZone = zoneName(startsAt, timeZone) === zoneName(endsAt, timeZone);
  const options = isSameDay ? CLOCK : dayAndTime(endsAt, timeZone, nowMs);
  return format(endsAt, timeZone, isSameZone ? options : { ...options, ...ZONE });
}

/**
 * A time at the venue: "Wed, 14 Oct, 20:00", with the year if it is not the year of `nowMs`, and with the zone if the
 * reader's clock shows another time, or this time twice.
 */
export function zonedTime(iso: string, timeZone: string, nowMs: number, reader = readersZone()): string {
  const options = dayAndTime(iso, timeZone, nowMs);
  return reader !== null && isSameWallClock(iso, timeZone, reader) && !isRepeated(iso, timeZone)
    ? ownClock(format(iso, timeZone, options))
    : format(iso, timeZone, { ...options, ...ZONE });
}

const ZONE: Intl.DateTimeFormatOptions = { timeZoneName: 'short' };

/** A time of day without its day is unambiguous this far ahead, over midnight too. */
const CLEAR_FOR_MS = 12 * 3_600_000;

/**
 * A deadline of the reader, by the reader's clock: "20:14", with the day if it is over 12 hours ahead. If the venue's
 * clock shows another time, that is beside it: "20:14 (13:14 GMT−5)". On the server the venue's time, with the zone.
 */
export function deadlineTime(iso: string, timeZone: string, nowMs: number, reader = readersZone()): string {
  return besideEachOther(deadlineClocks(iso, timeZone, nowMs, reader));
}

/** A deadline by the reader's clock, and by the venue's if that shows another time. */
interface Clocks {
  own: string;
  venue: string | null;
}

/** The parts of `deadlineTime`. */
export function deadlineClocks(iso: string, timeZone: string, nowMs: number, reader = readersZone()): Clocks {
  const isNear = Date.parse(iso) - nowMs <= CLEAR_FOR_MS;
  return clocks(iso, timeZone, isNear ? CLOCK : dayAndTime(iso, reader ?? timeZone, nowMs), reader);
}

function dayAndTime(iso: string, timeZone: string, nowMs: number): Intl.DateTimeFormatOptions {
  return { ...DAY_AND_TIME, ...yearUnlessOf(nowMs, iso, timeZone) };
}

/** As `deadlineTime`, always with the day: "Wed, 14 Oct, 20:00". */
export function deadline(iso: string, timeZone: string, nowMs: number, reader = readersZone()): string {
  return besideEachOther(clocks(iso, timeZone, dayAndTime(iso, reader ?? timeZone, nowMs), reader));
}

function besideEachOther({ own, venue }: Clocks): string {
  return venue === null ? own : `${own} (${venue})`;
}

function clocks(iso: string, timeZone: string, options: Intl.DateTimeFormatOptions, reader: string | null): Clocks {
  if (reader === null) return { own: format(iso, timeZone, { ...options, ...ZONE }), venue: null };
  const own = isRepeated(iso, reader)
    ? format(iso, reader, { ...options, ...ZONE })
    : ownClock(format(iso, reader, options));
  if (isSameWallClock(iso, timeZone, reader)) return { own, venue: null };
  const isSameDay = dayOf(iso, timeZone) === dayOf(iso, reader);
  return { own, venue: format(iso, timeZone, { ...(isSameDay ? CLOCK : DAY_AND_TIME), ...ZONE }) };
}

/** A time by the reader's clock, in German with "Uhr". */
function ownClock(time: string): string {
  return m.clock_time({ time });
}

/** Whether the clock of the zone shows the time of this moment at another moment as well, in autumn. */
function isRepeated(iso: string, timeZone: string): boolean {
  return wallClockTimes(toWallClock(iso, timeZone), timeZone).length > 1;
}

function dayOf(iso: string, timeZone: string | undefined): string {
  return format(iso, timeZone, { dateStyle: 'short' });
}

function isSameWallClock(iso: string, timeZone: string, other: string | undefined): boolean {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'short', timeStyle: 'short' };
  return format(iso, timeZone, options) === format(iso, other, options);
}

/** A time of day in the reader's zone: "19:42:07". */
export function clockTimeWithSeconds(ms: number): string {
  return format(ms, undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** A time at the venue in the reader's zone: "21:00", with the day if it is another day there. */
export function readersTime(iso: string, timeZone: string): string {
  return dayOf(iso, timeZone) === dayOf(iso, undefined) ? clockTime(iso) : format(iso, undefined, DAY_AND_TIME);
}

/** A time without a venue, by the reader's clock: "Sat 28 Nov, 19:42", with the year unless it is this year. */
export function ownTime(iso: string, nowMs: number): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return format(iso, zone, dayAndTime(iso, zone, nowMs));
}

/** Whether the reader's clock shows another time than the venue's. */
export function isElsewhere(iso: string, timeZone: string): boolean {
  return !isSameWallClock(iso, timeZone, undefined);
}
