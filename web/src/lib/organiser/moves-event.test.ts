import { expect, test } from 'vitest';
import { anEvent } from '#lib/live/fixtures.ts';
import { movesEvent } from './moves-event.ts';

const event = anEvent({ endsAt: '2026-10-14T20:00:00.000Z' });

test.each([
  [{ startsAt: '2026-10-14T18:30:00.000Z' }, true],
  [{ endsAt: '2026-10-14T20:30:00.000Z' }, true],
  [{ endsAt: null }, true],
  [{ venue: 'Pier 7' }, true],
  [{ timeZone: 'Europe/London' }, true],
  [{ timeZone: 'Europe/Vienna' }, false],
  [{ startsAt: event.startsAt, venue: event.venue }, false],
  [{ title: 'Blues', totalSeats: 5 }, false],
])('an edit %j moves the event: %s', (changes, isMove) => {
  expect(movesEvent(event, changes)).toBe(isMove);
});
