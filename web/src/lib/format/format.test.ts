import { afterEach, expect, test } from 'vitest';
import { overwriteGetLocale, type Locale } from '#lib/paraglide/runtime.js';
import { groupedCode } from '#shared/text/grouped-code.ts';
import {
  deadline,
  deadlineTime,
  endOf,
  longTime,
  longUntil,
  monthName,
  posterDate,
  posterUntil,
  zonedTime,
} from './dates.ts';
import { countdown } from './durations.ts';
import { amountText, formatMoney, formatPrice, parseAmount, timesSeats } from './money.ts';

const speak = (locale: Locale) => overwriteGetLocale(() => locale);
afterEach(() => speak('en'));

const START = '2026-10-14T18:00:00.000Z';
const plain = (text: string) => text.replace(/\s/g, ' ');

test('dates are in the venue’s time zone and the page’s language', () => {
  speak('en');
  expect(posterDate(START, 'Europe/Berlin')).toEqual({ day: '14', month: 'Oct', time: 'Wed 20:00' });
  expect(longTime(START, 'Europe/Berlin')).toContain('Wednesday');
  speak('de');
  expect(posterDate(START, 'Europe/Berlin')).toEqual({ day: '14', month: 'Okt', time: 'Mi 20:00' });
  expect(longTime(START, 'Europe/Berlin')).toContain('MESZ');
});

test('a poster shows the day at the venue', () => {
  speak('en');
  expect(posterDate('2026-10-14T23:30:00.000Z', 'Asia/Tokyo').day).toBe('15');
});

test('a short time includes the year unless it is the current year', () => {
  speak('en');
  const seenIn = (year: number) => zonedTime(START, 'Europe/Berlin', Date.UTC(year, 0), 'Europe/Berlin');
  expect(seenIn(2026)).not.toContain('2026');
  expect(seenIn(2025)).toContain('2026');
});

/** A text without commas, which browsers and Node place differently. */
const bare = (text: string) => plain(text).replaceAll(',', '');
const SOON = Date.parse('2026-10-14T17:50:00.000Z');
const DAY_BEFORE = SOON - 86_400_000;

test('a time is on one line with its zone', () => {
  speak('en');
  expect(longTime(START, 'Europe/Berlin')).toMatch(/ 20:00\u00a0CEST$/);
  expect(zonedTime(START, 'America/Bogota', SOON, 'Europe/Berlin')).toMatch(/ 13:00\u00a0GMT\u22125$/);
  speak('de');
  expect(longTime(START, 'Europe/Berlin')).toMatch(/ 20:00\u00a0MESZ$/);
  expect(zonedTime(START, 'Europe/Berlin', SOON, 'Europe/Berlin')).toMatch(/ 20:00\u00a0Uhr$/);
});

test('a deadline is in the reader’s time zone, followed by the venue’s time if that differs', () => {
  speak('en');
  const until = (reader: string, venue: string, nowMs = SOON) => bare(deadlineTime(START, venue, nowMs, reader));
  expect(until('Europe/Berlin', 'Europe/Vienna')).toBe('20:00');
  expect(until('Europe/Berlin', 'America/Bogota')).toBe('20:00 (13:00 GMT−5)');
  expect(until('Asia/Tokyo', 'Europe/Berlin')).toBe('03:00 (Wed 14 Oct 20:00 CEST)');
  expect(until('Europe/Berlin', 'America/Bogota', DAY_BEFORE)).toBe('Wed 14 Oct 20:00 (13:00 GMT−5)');
  speak('de');
  expect(until('Europe/Berlin', 'Europe/Vienna')).toBe('20:00 Uhr');
  expect(until('Europe/Berlin', 'America/Bogota')).toBe('20:00 Uhr (13:00 GMT−5)');
  expect(until('Asia/Tokyo', 'Europe/Berlin', DAY_BEFORE)).toBe('Do. 15. Okt. 03:00 Uhr (Mi. 14. Okt. 20:00 MESZ)');
});

test('a deadline includes its day if it is far ahead or on request, and its year unless it is the current year', () => {
  speak('en');
  const night = '2026-10-14T22:05:00.000Z';
  expect(deadlineTime(night, 'Europe/Berlin', Date.parse(START), 'Europe/Berlin')).toBe('00:05');
  expect(bare(deadlineTime(START, 'Europe/Berlin', DAY_BEFORE, 'Europe/Berlin'))).toBe('Wed 14 Oct 20:00');
  expect(bare(deadline(START, 'Europe/Berlin', SOON, 'Europe/Berlin'))).toBe('Wed 14 Oct 20:00');
  expect(deadline(START, 'Europe/Berlin', Date.parse('2025-01-01T00:00:00.000Z'), 'Europe/Berlin')).toContain('2026');
});

test('the end of an event has its zone if the clock is changed before it, and its day if that is another one', () => {
  speak('en');
  const end = (startsAt: string, endsAt: string) =>
    bare(endOf({ startsAt, endsAt, timeZone: 'Europe/Berlin' }, DAY_BEFORE));
  expect(end('2026-10-25T00:15:00.000Z', '2026-10-25T01:15:00.000Z')).toBe('02:15 CET');
  expect(end('2026-10-24T20:00:00.000Z', '2026-10-25T01:15:00.000Z')).toBe('Sun 25 Oct 02:15 CET');
  expect(end('2026-10-14T18:00:00.000Z', '2026-10-14T20:00:00.000Z')).toBe('22:00');
  expect(end('2026-10-14T18:00:00.000Z', '2026-10-14T22:30:00.000Z')).toBe('Thu 15 Oct 00:30');
});

test('a time that the clock shows twice in autumn has its zone, also for a reader with the same clock', () => {
  speak('en');
  const [first, second] = ['2026-10-25T00:15:00.000Z', '2026-10-25T01:15:00.000Z'];
  const here = (iso: string) => bare(zonedTime(iso, 'Europe/Berlin', DAY_BEFORE, 'Europe/Berlin'));
  expect([here(first), here(second)]).toEqual(['Sun 25 Oct 02:15 CEST', 'Sun 25 Oct 02:15 CET']);
  const until = (iso: string) => bare(deadline(iso, 'Europe/Berlin', DAY_BEFORE, 'Europe/Berlin'));
  expect([until(first), until(second)]).toEqual(['Sun 25 Oct 02:15 CEST', 'Sun 25 Oct 02:15 CET']);
});

test('on the server, where the reader’s time zone is unknown, a deadline is in the venue’s time zone, with its name', () => {
  speak('en');
  expect(bare(deadlineTime(START, 'Europe/Berlin', SOON, null))).toBe('20:00 CEST');
  expect(bare(deadline(START, 'America/Bogota', SOON, null))).toBe('Wed 14 Oct 13:00 GMT−5');
  speak('de');
  expect(bare(deadlineTime(START, 'Europe/Berlin', SOON, null))).toBe('20:00 MESZ');
});

test('a start is in the venue’s time, with the time zone only for a reader whose clock shows another time', () => {
  speak('en');
  const at = (reader: string | null) => bare(zonedTime(START, 'America/Bogota', SOON, reader));
  expect(at('Europe/Berlin')).toBe('Wed 14 Oct 13:00 GMT−5');
  expect(at(null)).toBe('Wed 14 Oct 13:00 GMT−5');
  expect(at('America/Lima')).toBe('Wed 14 Oct 13:00');
  speak('de');
  expect(at('America/Lima')).toBe('Mi. 14. Okt. 13:00 Uhr');
});

test('the name of a time zone has no line break', () => {
  speak('en');
  for (const text of [
    longTime(START, 'America/Bogota'),
    deadline(START, 'America/Bogota', SOON, 'Europe/Berlin'),
    deadlineTime(START, 'America/Bogota', SOON, null),
  ]) {
    expect(plain(text)).toContain('13:00 GMT\u22125');
    expect(text).not.toContain('GMT-5');
  }
});

test('money has the format of the language and the decimals of its currency', () => {
  speak('en');
  expect(formatMoney({ amount: 2000, currency: 'EUR' })).toBe('€20.00');
  expect(formatMoney({ amount: 500, currency: 'JPY' })).toContain('500');
  expect(plain(formatMoney({ amount: 499_000, currency: 'HUF' }))).toBe('HUF 4,990.00');
  expect(formatPrice({ amount: 0, currency: 'EUR' })).toBe('Free');
  speak('de');
  expect(plain(formatMoney({ amount: 2000, currency: 'EUR' }))).toBe('20,00 €');
  expect(formatPrice({ amount: 0, currency: 'EUR' })).toBe('Kostenlos');
});

test('amounts are read with point or comma, never rounded', () => {
  expect(parseAmount('12.5', 'EUR')).toBe(1250);
  expect(parseAmount(' 12,50 ', 'EUR')).toBe(1250);
  expect(parseAmount('1200', 'JPY')).toBe(1200);
  for (const text of ['', '-1', '1.234', '12,50 €', '1e3', 'free']) expect(parseAmount(text, 'EUR'), text).toBeNull();
  expect(parseAmount('1.5', 'JPY')).toBeNull();
  expect(amountText({ amount: 1250, currency: 'EUR' })).toBe('12.50');
  expect(parseAmount('1.234', 'KWD')).toBe(1234);
  for (const text of ['1,250.50', '1.250,5', '1 250,50', "1'250.50"]) expect(parseAmount(text, 'EUR')).toBe(125_050);
  expect([parseAmount('4,500', 'JPY'), parseAmount('1,234,567', 'EUR')]).toEqual([4_500, 123_456_700]);
  expect(parseAmount('1,234.567', 'EUR')).toBeNull();
});

test('a total is the price times the seats', () => {
  const price = { amount: 1250, currency: 'EUR' };
  expect(timesSeats(price, 3)).toEqual({ amount: 3750, currency: 'EUR' });
});

test('a countdown is rounded up to seconds and never negative', () => {
  expect(countdown(582_000)).toBe('9:42');
  expect(countdown(581_001)).toBe('9:42');
  expect(countdown(3_600_000 + 582_000)).toBe('1:09:42');
  expect(countdown(2 * 86_400_000 + 4 * 3_600_000)).toBe('2 d 4 h');
  expect(countdown(-5)).toBe('0:00');
});

test('a booking code is grouped in fours', () => {
  expect(groupedCode('XJ62Y76X5B52')).toBe('XJ62 Y76X 5B52');
});

test('an event that goes on shows until when: the day, or the time if that is today at the venue', () => {
  const nowMs = Date.parse('2026-11-29T23:30:00.000Z');
  const [today, later] = ['2026-11-30T21:30:00.000Z', '2026-12-02T17:00:00.000Z'];
  speak('en');
  expect([posterUntil(today, 'Europe/Berlin', nowMs), posterUntil(later, 'Europe/Berlin', nowMs)]).toEqual([
    '22:30',
    '2 Dec',
  ]);
  expect([longUntil(today, 'Europe/Berlin', nowMs), longUntil(later, 'Europe/Berlin', nowMs)]).toEqual([
    '22:30',
    '2 December',
  ]);
  expect(longUntil('2027-01-02T17:00:00.000Z', 'Europe/Berlin', nowMs)).toBe('2 January 2027');
  expect(posterUntil(today, 'America/New_York', nowMs)).toBe('30 Nov');
  speak('de');
  expect(plain(longUntil(today, 'Europe/Berlin', nowMs))).toBe('22:30 Uhr');
  expect(monthName('2026-12')).toBe('Dezember 2026');
});
