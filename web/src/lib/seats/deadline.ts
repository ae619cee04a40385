import type { Event } from '#shared/event.ts';

const HOUR_MS = 3_600_000;

/** Until when a buyer can cancel: so many hours before the start. What a booking itself says (`cancelUntil`) goes first. */
export function cancelUntil(event: Pick<Event, 'startsAt' | 'cancelBeforeHours'>): string {
  return new Date(Date.parse(event.startsAt) - event.cancelBeforeHours * HOUR_MS).toISOString();
}
