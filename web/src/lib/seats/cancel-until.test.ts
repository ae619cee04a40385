import { expect, test } from 'vitest';
import { cancelUntil } from '#shared/cancel-until.ts';
import { isFinalBooking, shownCancelUntil } from './cancel-until.ts';

const NOW_MS = Date.parse('2026-10-01T12:00:00.000Z');
const event = { startsAt: '2026-10-14T18:00:00.000Z', cancelBeforeHours: 24 };

test('without own bookings the event’s page shows the cancellation time of a booking made now', () => {
  expect(shownCancelUntil(event, [], NOW_MS)).toBe('2026-10-13T18:00:00.000Z');
  expect(shownCancelUntil(event, [{ cancelUntil: null }], NOW_MS), 'a hold').toBe('2026-10-13T18:00:00.000Z');
});

test('after a move of the event its page shows the later cancellation time of a booking made before the move', () => {
  const moved = { ...event, startsAt: new Date(event.startsAt), movedAt: new Date(NOW_MS) };
  const byServer = (createdAt: string) => cancelUntil({ createdAt: new Date(createdAt) }, moved).toISOString();
  const before = { cancelUntil: byServer('2026-09-20T12:00:00.000Z') };
  const after = { cancelUntil: byServer('2026-10-01T12:30:00.000Z') };
  expect(shownCancelUntil(event, [before], NOW_MS)).toBe('2026-10-14T18:00:00.000Z');
  expect(shownCancelUntil(event, [after], NOW_MS)).toBe('2026-10-13T18:00:00.000Z');
  expect(shownCancelUntil(event, [before, after], NOW_MS), 'true for both').toBe('2026-10-13T18:00:00.000Z');
});

test('a booking made at or after the event’s time to cancel is final', () => {
  const endMs = Date.parse('2026-10-13T18:00:00.000Z');
  expect(isFinalBooking(event, endMs - 1)).toBe(false);
  expect(isFinalBooking(event, endMs)).toBe(true);
});
