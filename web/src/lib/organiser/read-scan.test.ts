import { expect, test } from 'vitest';
import { readScan } from './read-scan.ts';

test('a scanned ticket has a code and an event', () => {
  const [booking, event] = ['a'.repeat(24), 'b'.repeat(24)];
  const text = `FR1.${booking}.${event}.XJ62Y76X5B52.c2lnbmF0dXJlLW9mLTE2`;
  expect(readScan(` ${text}\n`)).toEqual({ text, code: 'XJ62Y76X5B52', bookingId: null, eventId: event });
});

test('a scanned ticket of one seat has a booking and an event, and no code', () => {
  const [booking, event] = ['a'.repeat(24), 'b'.repeat(24)];
  const text = `FR2.${booking}.${event}.t1.2.0.c2lnbmF0dXJlLW9mLTE2`;
  expect(readScan(` ${text}\n`)).toEqual({ text, code: text, bookingId: booking, eventId: event });
});

test('any other scanned text is a code, in any grouping and case', () => {
  const text = 'xj62 y76x-5bo2';
  expect(readScan(text)).toEqual({ text, code: 'XJ62Y76X5B02', bookingId: null, eventId: null });
  expect(readScan('FR1.x').eventId).toBeNull();
});
