import { describe, expect, test } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { createLiveEvents } from './live-events.ts';

const FREE = { amount: 0, currency: 'EUR' };

function state(eventId: string, version: number, availableSeats: number): Availability {
  const counters = { totalSeats: 100, availableSeats, heldSeats: 0, soldSeats: 100 - availableSeats };
  return { eventId, version, ...counters, waitingCount: 0, holdsUntil: null };
}

function liveEvents() {
  return createLiveEvents(['a', 'b'].map((eventId) => ({ eventId, price: FREE, maxSeatsPerBooking: 10 })));
}

describe('the live events of a crowd', () => {
  test('sum up the free seats of all events', () => {
    const events = liveEvents();
    events.applyAvailability(state('a', 1, 40));
    events.applyAvailability(state('b', 1, 2));
    expect(events.freeSeats()).toBe(42);
  });

  test('ignore an older version and take a newer one', () => {
    const events = liveEvents();
    events.applyAvailability(state('a', 2, 40));
    events.applyAvailability(state('a', 1, 90));
    expect(events.freeSeats()).toBe(40);
    events.applyAvailability(state('a', 3, 39));
    expect(events.freeSeats()).toBe(39);
  });

  test('ignore pushes about other events', () => {
    const events = liveEvents();
    events.applyAvailability(state('c', 1, 7));
    events.applyEdit({ eventId: 'c', price: FREE, maxSeatsPerBooking: 1 });
    expect(events.freeSeats()).toBe(0);
    expect(events.event('c')).toBeUndefined();
  });

  test('have the new price after an edit', () => {
    const events = liveEvents();
    events.applyEdit({ eventId: 'a', price: { amount: 500, currency: 'EUR' }, maxSeatsPerBooking: 2 });
    expect(events.event('a')).toMatchObject({ price: { amount: 500 }, maxSeatsPerBooking: 2 });
    expect(events.event('b')?.price).toEqual(FREE);
  });
});
