import { expect, test } from 'vitest';
import { salesBars } from './sales-bars.ts';

const START = Date.parse('2026-10-14T18:00:00.000Z');
const HOUR_MS = 3_600_000;
const sale = (hour: number, seats: number) => ({
  at: new Date(START + hour * HOUR_MS).toISOString(),
  seats,
  amount: seats * 100,
});

test('without sales there are no bars', () => {
  expect(salesBars([], START)).toEqual([]);
});

test('each hour from the first sale until now has a bar', () => {
  const bars = salesBars([sale(0, 3), sale(2, 1)], START + 3.5 * HOUR_MS);
  expect(bars.map(({ seats }) => seats)).toEqual([3, 0, 1, 0]);
  expect(bars[2]).toEqual({ fromMs: START + 2 * HOUR_MS, hours: 1, seats: 1, amount: 100 });
});

test('a bar covers several hours of a long sale, and the seats add up', () => {
  const sales = Array.from({ length: 200 }, (_, hour) => sale(hour, 1));
  const bars = salesBars(sales, START);
  expect(bars.length).toBeLessThanOrEqual(24);
  expect(bars[0]).toMatchObject({ hours: 12, seats: 12, amount: 1_200 });
  expect(bars.reduce((sum, { seats }) => sum + seats, 0)).toBe(200);
});

test('sales over years, and later than the clock, fit into 24 bars', () => {
  const bars = salesBars([sale(0, 1), sale(30_000, 2)], START - HOUR_MS);
  expect(bars.length).toBeLessThanOrEqual(24);
  expect([bars[0]?.seats, bars.at(-1)?.seats]).toEqual([1, 2]);
});
