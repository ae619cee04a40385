import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seatMarks } from './seat-marks.ts';

const counts = (soldSeats: number, heldSeats: number, availableSeats: number) => ({
  soldSeats,
  heldSeats,
  availableSeats,
  totalSeats: soldSeats + heldSeats + availableSeats,
});

test('with up to 24 seats one mark is one seat', () => {
  expect(seatMarks(counts(5, 2, 11))).toEqual({ sold: 5, held: 2, free: 11 });
});

test('with more than 24 seats the marks are shares of the seats', () => {
  expect(seatMarks(counts(60, 0, 60))).toEqual({ sold: 12, held: 0, free: 12 });
  expect(seatMarks(counts(76, 6, 38))).toEqual({ sold: 15, held: 1, free: 8 });
});

test('a single free seat and a single hold have a mark each', () => {
  expect(seatMarks(counts(9998, 1, 1))).toEqual({ sold: 22, held: 1, free: 1 });
});

test('for any seat counts only kinds of seats above zero have marks, and the marks fill the row', () => {
  const part = fc.nat({ max: 400_000 });
  fc.assert(
    fc.property(part, part, part, (sold, held, free) => {
      const total = sold + held + free;
      const marks = seatMarks(counts(sold, held, free));
      expect(marks.sold + marks.held + marks.free).toBe(Math.min(24, total));
      for (const [seats, shown] of [
        [sold, marks.sold] as const,
        [held, marks.held] as const,
        [free, marks.free] as const,
      ]) {
        expect(shown > 0).toBe(seats > 0);
      }
    }),
    { seed: 20261014, numRuns: 500 },
  );
});
