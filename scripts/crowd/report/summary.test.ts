import { describe, expect, test } from 'vitest';
import { exitCodeOf, summaryLines } from './summary.ts';
import type { Tally } from './tally.ts';
import { createTally } from './tally.ts';

describe('the tally of a crowd', () => {
  test('gives percentiles of the latencies in milliseconds', () => {
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

  test('counts a latency above two minutes as two minutes', () => {
    const tally = createTally();
    tally.succeeded('look', 10_000_000);
    expect(tally.figures(1).latencyMs.look.max).toBeGreaterThan(119_000);
  });

  test('divides the bookings by the duration of the run', () => {
    const tally = createTally();
    for (let i = 0; i < 10; i += 1) tally.booked(3);
    expect(tally.figures(4)).toMatchObject({ bookings: 10, seats: 30, bookingsPerSecond: 2.5 });
    expect(tally.figures(0).bookingsPerSecond).toBe(0);
  });

  test('gives the bookings since the last call only', () => {
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

/** The figures of a run without watchers. */
function run(tally: Tally, seconds: number) {
  return { ...tally.figures(seconds), watched: null };
}

describe('the summary of a crowd', () => {
  test('names bookings, latencies and refusals, the most frequent first', () => {
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
    expect(summaryLines(run(tally, 10))).toEqual([
      '1,200 bookings of 2,400 seats in 10.0 s: 120 bookings/s',
      '  booked          1,200 times   p50 12.3 ms  p90 12.3 ms  p99 12.3 ms  max 12.3 ms',
      '  refused     3 SOLD_OUT, 1 BUSY',
      '  pushes      1 availabilityChanged',
      '  problems    1 lost connections, 1 connection ended by the server',
    ]);
  });

  test('says "none" if there was no refusal, push or problem', () => {
    expect(summaryLines(run(createTally(), 1)).slice(1)).toEqual([
      '  refused     none',
      '  pushes      none',
      '  problems    none',
    ]);
  });

  test('gives exit code 0 if a command succeeded and no reply was INTERNAL', () => {
    const tally = createTally();
    expect(exitCodeOf(run(tally, 1))).toBe(1);
    tally.refused('SOLD_OUT');
    expect(exitCodeOf(run(tally, 1))).toBe(1);
    tally.succeeded('look', 1);
    expect(exitCodeOf(run(tally, 1))).toBe(0);
    tally.refused('INTERNAL');
    expect(exitCodeOf(run(tally, 1))).toBe(1);
  });

  test('names what the watchers have seen, and gives exit code 1 if some are behind at the end', () => {
    const tally = createTally();
    tally.succeeded('look', 1);
    const watched = { watchers: 1_000, changes: 12_345, behind: 0 };
    const line = '  watched     1,000 watchers, 12,345 changes, all up to date at the end';
    expect(summaryLines({ ...tally.figures(1), watched })).toContain(line);
    expect(exitCodeOf({ ...tally.figures(1), watched })).toBe(0);
    const late = { ...tally.figures(1), watched: { ...watched, behind: 2 } };
    expect(summaryLines(late)).toContain('  watched     1,000 watchers, 12,345 changes, 2 of them behind at the end');
    expect(exitCodeOf(late)).toBe(1);
  });
});
