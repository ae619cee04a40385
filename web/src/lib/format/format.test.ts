import { afterEach, expect, test } from 'vitest';
import { overwriteGetLocale, type Locale } from '#lib/paraglide/runtime.js';
import { groupedCode } from './grouped-code.ts';
import { heldTime, longTime, posterDate, shortTime, zonedTime } from './dates.ts';
import { countdown } from './durations.ts';
import { amountText, formatMoney, formatPrice, parseAmount, timesSeats } from './money.ts';

const speak = (locale: Locale) => overwriteGetLocale(() => locale);
afterEach(() => speak('en'));

const START = '2026-10-14T18:00:00.000Z';
const plain = (text: string) => text.replace(/\s/g, ' ');

test('dates are in the venue’s zone and the page’s language', () => {
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

test('a short time has the year if it is another one', () => {
  speak('en');
  expect(shortTime(START, 'Europe/Berlin', Date.parse('2026-01-01T00:00:00.000Z'))).not.toContain('2026');
  expect(shortTime(START, 'Europe/Berlin', Date.parse('2025-01-01T00:00:00.000Z'))).toContain('2026');
});

test('the end of a hold is in the venue’s zone, with the day if it is far ahead', () => {
  speak('en');
  const nowMs = Date.parse('2026-10-14T17:50:00.000Z');
  expect(heldTime(START, 'Europe/Berlin', nowMs)).toMatch(/^20:00 (CEST|GMT\+2)$/);
  expect(heldTime(START, 'Europe/Berlin', nowMs - 86_400_000)).toMatch(/^Wed,? 14 Oct,? 20:00 (CEST|GMT\+2)$/);
  expect(zonedTime(START, 'Europe/Berlin', Date.parse('2025-01-01T00:00:00.000Z'))).toMatch(/2026.* (CEST|GMT\+2)$/);
  expect(heldTime('2026-10-14T22:05:00.000Z', 'Europe/Berlin', Date.parse(START))).toMatch(/^00:05 /);
  speak('de');
  expect(heldTime(START, 'Europe/Berlin', nowMs)).toBe('20:00 MESZ');
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
