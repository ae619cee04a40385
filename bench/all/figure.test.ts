import { describe, expect, test } from 'vitest';
import type { FigureLine } from './figure.ts';
import { figureOf, verdictOf } from './figure.ts';

const RATIO: FigureLine = { what: 'bookings', against: 'raw', unit: '1/s', bound: 'least', mark: 5, aim: 8 };
const TIME: FigureLine = { what: 'p99', against: null, unit: 'ms', bound: 'most', mark: 250, aim: 150 };

describe('a figure', () => {
  test('is the median of the ratios of its rounds, each to the baseline of the same round', () => {
    const rounds = [
      { value: 6_000, baseline: 1_000 },
      { value: 3_000, baseline: 1_500 },
      { value: 9_000, baseline: 3_000 },
    ];
    expect(figureOf('M1', RATIO, rounds)).toEqual({
      id: 'M1',
      ...RATIO,
      rounds,
      result: 3,
      spread: { lowest: 2, highest: 6 },
    });
  });

  test('without a baseline is the median of its values', () => {
    const rounds = [90, 120, 300, 200].map((value) => ({ value, baseline: null }));
    expect(figureOf('M12', TIME, rounds)).toMatchObject({ result: 160, spread: { lowest: 90, highest: 300 } });
  });

  test('is recorded to four significant digits', () => {
    const [value, baseline] = [10_000.123_456, 3_000.5];
    const figure = figureOf('M1', RATIO, [{ value, baseline }]);
    expect(figure).toMatchObject({ rounds: [{ value: 10_000, baseline: 3_001 }], result: 3.333 });
  });

  test('needs a round', () => {
    expect(() => figureOf('M1', RATIO, [])).toThrow();
  });
});

describe('the verdict on a figure', () => {
  test.each([
    [RATIO, 8, 'aim met'],
    [RATIO, 7.99, 'mark met'],
    [RATIO, 5, 'mark met'],
    [RATIO, 4.99, 'missed'],
    [TIME, 150, 'aim met'],
    [TIME, 150.1, 'mark met'],
    [TIME, 250, 'mark met'],
    [TIME, 250.1, 'missed'],
    [RATIO, NaN, 'missed'],
  ] as const)('of %o at %d is: %s', (line, result, expected) => {
    expect(verdictOf({ ...line, result })).toBe(expected);
  });
});
