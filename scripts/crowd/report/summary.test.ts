import { describe, expect, test } from 'vitest';
import { exitCodeOf, summaryLines } from './summary.ts';
import { createTally } from './tally.ts';

describe('the tally', () => {
  test('gives percentiles of the times in milliseconds', () => {
    const tally = createTally();
    for (let i = 1; i <= 100; i += 1) tally.succeeded('book', i);
    const { book, look } = tally.figures(2).latencyMs;
    expect(book.count).toBe(100);
    expect(book.p50).toBeCloseTo(50, 0);
    expect(book.p90).toBeCloseTo(90, 0);
    expect(book.p99).toBeCloseTo(99, 0);
    expect(book.max).toBeCloseTo(100, 0);
    expect(look.count).toBe(0);
  });

  test('keeps a time that is longer than its longest one', () => {
    const tally = createTally();
    tally.succeeded('look', 10_000_000);
    expect(tally.figures(1).latencyMs.look.max).toBeGreaterThan(119_000);
  });

  test('counts bookings per second of the time that it took', () => {
    const tally = createTally();
    for (let i = 0; i < 10; i += 1) tally.booked(3);
    expect(tally.figures(4)).toMatchObject({ bookings: 10, seats: 30, bookingsPerSecond: 2.5 });
    expect(tally.figures(0).bookingsPerSecond).toBe(0);
  });

  test('tells what happened since it was last asked, and no more', () => {
    const tally = createTally();
    tally.succeeded('book', 5);
    tally.succeeded('look', 900);
    const first = tally.takeRecent();
    expect(first.bookings).toBe(1);
    expect(first.p99Ms).toBeCloseTo(5, 1);
    expect(tally.takeRecent()).toEqual({ bookings: 0, p99Ms: 0 });
    expect(tally.figures(1).latencyMs.book.count).toBe(1);
  });
});

describe('the summary', () => {
  test('says what was booked, how fast, and what was refused, most first', () => {
    const tally = createTally();
    for (let i = 0; i < 1_200; i += 1) {
      tally.succeeded('book', 12.3);
      tally.booked(2);
    }
    tally.refused('BUSY');
    for (let i = 0; i < 3; i += 1) tally.refused('SOLD_OUT');
    tally.pushed('availabilityChanged');
    tally.lostConnection();
    tally.stopped('connection ended by the server');
    expect(summaryLines(tally.figures(10))).toEqual([
      '1,200 bookings of 2,400 seats in 10.0 s: 120 bookings/s',
      '  booked          1,200 times   p50 12.3 ms  p90 12.3 ms  p99 12.3 ms  max 12.3 ms',
      '  refused     3 SOLD_OUT, 1 BUSY',
      '  pushes      1 availabilityChanged',
      '  troubles    1 lost connections, 1 connection ended by the server',
    ]);
  });

  test('says "none" where there was no trouble', () => {
    expect(summaryLines(createTally().figures(1)).slice(1)).toEqual([
      '  refused     none',
      '  pushes      none',
      '  troubles    none',
    ]);
  });

  test('ends well when something succeeded and nothing met a defect', () => {
    const tally = createTally();
    expect(exitCodeOf(tally.figures(1))).toBe(1);
    tally.refused('SOLD_OUT');
    expect(exitCodeOf(tally.figures(1))).toBe(1);
    tally.succeeded('look', 1);
    expect(exitCodeOf(tally.figures(1))).toBe(0);
    tally.refused('INTERNAL');
    expect(exitCodeOf(tally.figures(1))).toBe(1);
  });
});
