import { expect, test } from 'vitest';
import { readScan } from './read-scan.ts';

test('a scanned ticket has a code and an event', () => {
  const [booking, event] = ['a'.repeat(24), 'b'.repeat(24)];
  const text = `FR1.${booking}.${event}.XJ62Y76X5B52.c2lnbmF0dXJlLW9mLTE2`;
  expect(readScan(` ${text}\n`)).toEqual({ text, code: 'XJ62Y76X5B52', eventId: event });
});

test('any other scanned text is a code, in any grouping and case', () => {
  expect(readScan('xj62 y76x-5bo2')).toEqual({ text: 'xj62 y76x-5bo2', code: 'XJ62Y76X5B02', eventId: null });
  expect(readScan('FR1.x').eventId).toBeNull();
});
