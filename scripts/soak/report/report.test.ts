import { expect, test } from 'vitest';
import type { Check } from './checks.ts';
import { reportLines } from './report.ts';

const RUN = { minutes: 30.04, bookings: 21_345, kills: 24, lostConnections: 1_900 };
const MEMORY: Check = { what: 'memory, MiB', early: 210.4, late: 1_234, most: 273.96, isFine: false };
const FILES: Check = { what: 'files', early: 12.5, late: 13, most: null, isFine: true };

test('the report of a soak is a table in columns that names what grows and what is broken', () => {
  expect(reportLines({ ...RUN, checks: [MEMORY, FILES], problems: ['2 jobs are left'] })).toEqual([
    '30.0 minutes, 21,345 bookings acknowledged, 24 kills of a server, 1,900 connections lost',
    '',
    '             second quarter  last quarter  at most',
    'memory, MiB             210         1,234      274  GROWS',
    'files                  12.5            13',
    '',
    'WRONG: memory, MiB: grows',
    'WRONG: 2 jobs are left',
  ]);
});

test('the report of a soak without growth and broken invariants says so in its last line', () => {
  const lines = reportLines({ ...RUN, checks: [FILES], problems: [] });
  expect(lines.at(-1)).toBe('Nothing grows, and every invariant holds.');
});
