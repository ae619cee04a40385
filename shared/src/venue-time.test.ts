import { expect, test } from 'vitest';
import type { Locale } from './account.ts';
import { venueTimeFormat } from './venue-time.ts';

const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;

test.each<[Locale, string, string, string]>([
  ['en', 'Europe/Berlin', '2026-12-01T19:00:00Z', '20:00 CET'],
  ['en', 'Europe/Berlin', '2026-07-01T18:00:00Z', '20:00 CEST'],
  ['de', 'Europe/Berlin', '2026-12-01T19:00:00Z', '20:00 MEZ'],
  ['en', 'America/New_York', '2026-12-01T19:00:00Z', '14:00 Eastern Standard Time'],
  ['en', 'America/Bogota', '2026-12-01T19:00:00Z', '14:00 Colombia Standard Time'],
  ['de', 'America/Bogota', '2026-12-01T19:00:00Z', '14:00 Kolumbianische Normalzeit'],
  ['de', 'Europe/London', '2026-12-01T19:00:00Z', '19:00 Mittlere Greenwich-Zeit'],
  ['en', 'UTC', '2026-12-01T19:00:00Z', '19:00 UTC'],
])('a time at a venue includes the name of its time zone: in %s, %s at %s is %s', (locale, timeZone, at, time) => {
  expect(venueTimeFormat(locale, timeZone, CLOCK)(new Date(at))).toBe(time);
});
