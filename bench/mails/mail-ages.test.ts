import { expect, it } from 'vitest';
import { agesOf, rateBetween } from './mail-ages.ts';

const mail = (factMs: number, sentMs: number) => ({ factMs, sentMs });

it('the ages of mails are in seconds, from the fact to the sending, in whatever order the mails are', () => {
  const mails = [mail(1_000, 5_000), mail(0, 1_000), mail(2_000, 4_000)];
  expect(agesOf(mails)).toEqual({ count: 3, p50: 2, p99: 4, oldest: 4 });
  expect(agesOf([])).toEqual({ count: 0, p50: 0, p99: 0, oldest: 0 });
});

it('of a hundred mails the 99th percentile leaves out the oldest one', () => {
  const mails = Array.from({ length: 100 }, (_, n) => mail(0, (n + 1) * 1_000));
  expect(agesOf(mails)).toEqual({ count: 100, p50: 50, p99: 99, oldest: 100 });
});

it('the rate counts the mails sent from the first time on and before the second', () => {
  const mails = [mail(0, 999), mail(0, 1_000), mail(0, 2_999), mail(0, 3_000)];
  expect(rateBetween(mails, 1_000, 3_000)).toBe(1);
  expect(rateBetween(mails, 3_000, 3_000)).toBe(0);
});
