import { expect, test } from 'vitest';
import { holdMinutes, holdStage } from './hold-stage.ts';

const MINUTE_MS = 60_000;

test('the stage of a hold changes at two minutes, at thirty seconds and at its end', () => {
  expect(holdStage(2 * MINUTE_MS + 1)).toBe('running');
  expect(holdStage(2 * MINUTE_MS)).toBe('two_minutes');
  expect(holdStage(30_000)).toBe('thirty_seconds');
  expect(holdStage(0)).toBe('over');
});

test('the row of minutes of a hold loses one seat each minute', () => {
  expect(holdMinutes(10 * MINUTE_MS, 10 * MINUTE_MS)).toEqual({ total: 10, left: 10 });
  expect(holdMinutes(10 * MINUTE_MS, 9 * MINUTE_MS + 1)).toEqual({ total: 10, left: 10 });
  expect(holdMinutes(10 * MINUTE_MS, 9 * MINUTE_MS)).toEqual({ total: 10, left: 9 });
  expect(holdMinutes(10 * MINUTE_MS, 1)).toEqual({ total: 10, left: 1 });
  expect(holdMinutes(10 * MINUTE_MS, -5)).toEqual({ total: 10, left: 0 });
});

test('the row of minutes of a one-hour hold has 24 seats', () => {
  expect(holdMinutes(60 * MINUTE_MS, 60 * MINUTE_MS)).toEqual({ total: 24, left: 24 });
  expect(holdMinutes(60 * MINUTE_MS, 30 * MINUTE_MS)).toEqual({ total: 24, left: 12 });
});
