import { expect, test } from 'vitest';
import { isoWithOffset, toWallClock, wallClockTimes } from './wall-clock.ts';

test('a wall-clock time at the venue is converted to UTC and back', () => {
  expect(wallClockTimes('2026-10-14T20:00', 'Europe/Berlin')).toEqual(['2026-10-14T18:00:00.000Z']);
  expect(wallClockTimes('2026-12-14T20:00', 'Europe/Berlin')).toEqual(['2026-12-14T19:00:00.000Z']);
  expect(wallClockTimes('2026-10-14T20:00', 'America/St_Johns')).toEqual(['2026-10-14T22:30:00.000Z']);
  expect(toWallClock('2026-10-14T18:00:00.000Z', 'Europe/Berlin')).toBe('2026-10-14T20:00');
});

test('[F20] a skipped wall-clock hour becomes the next one, a repeated one stands for two times', () => {
  expect(wallClockTimes('2026-03-29T02:30', 'Europe/Berlin')).toEqual(['2026-03-29T01:30:00.000Z']);
  expect(wallClockTimes('2026-10-25T02:30', 'Europe/Berlin')).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:30:00.000Z',
  ]);
  expect(wallClockTimes('2026-10-25T03:30', 'Europe/Berlin')).toEqual(['2026-10-25T02:30:00.000Z']);
});

test('midnight is written as 00:00 of the new day', () => {
  expect(toWallClock('2026-10-13T22:00:00.000Z', 'Europe/Berlin')).toBe('2026-10-14T00:00');
});

test('an invalid wall-clock time has no UTC time', () => {
  for (const local of ['', 'tomorrow', '2026-13-40T99:99', '2026-10-14']) {
    expect(wallClockTimes(local, 'Europe/Berlin'), local).toEqual([]);
  }
});

test('a time is written by the clock of its zone, with the offset of that day', () => {
  expect(isoWithOffset('2026-10-14T18:00:00.000Z', 'Europe/Berlin')).toBe('2026-10-14T20:00:00+02:00');
  expect(isoWithOffset('2026-12-01T19:00:30.000Z', 'Europe/Berlin')).toBe('2026-12-01T20:00:30+01:00');
  expect(isoWithOffset('2026-12-01T02:30:00.000Z', 'America/St_Johns')).toBe('2026-11-30T23:00:00-03:30');
  expect(isoWithOffset('2026-12-01T02:30:00.000Z', 'UTC')).toBe('2026-12-01T02:30:00+00:00');
});
