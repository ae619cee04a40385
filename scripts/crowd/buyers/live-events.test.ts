import { describe, expect, test } from 'vitest';
import type { Availability } from '#shared/event.ts';
import type { BookableEvent } from './live-events.ts';
import { createLiveEvents } from './live-events.ts';

const FREE = { amount: 0, currency: 'EUR' };

function state(eventId: string, version: number, availableSeats: number): Availability {
  const counters = { totalSeats: 100, availableSeats, heldSeats: 0, soldSeats: 100 - availableSeats };
  return { eventId, version, ...counters, waitingCount: 0, holdsUntil: null };
}

/** An event with a ticket type of which 5 are left. */
function bookable(eventId: string, maxSeatsPerBooking = 10, price = FREE): BookableEvent {
  const window = { salesFrom: null, salesUntil: null, minPerBooking: 0, maxPerBooking: null } as const;
  const rest = { description: '', seats: 1, limit: 5, archived: false, access: 'public', available: 5 } as const;
  return {
    eventId,
    price,
    maxSeatsPerBooking,
    ticketTypes: [{ id: 't1', name: 'Early bird', price, ...window, ...rest }],
  };
}

function liveEvents() {
  return createLiveEvents(['a', 'b'].map((eventId) => bookable(eventId)));
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
    events.applyEdit(bookable('c'));
    expect(events.freeSeats()).toBe(0);
    expect(events.event('c')).toBeUndefined();
  });

  test('have the new price after an edit', () => {
    const events = liveEvents();
    events.applyEdit(bookable('a', 2, { amount: 500, currency: 'EUR' }));
    expect(events.event('a')).toMatchObject({ price: { amount: 500 }, maxSeatsPerBooking: 2 });
    expect(events.event('b')?.price).toEqual(FREE);
  });

  test('know how many tickets of each type are left', () => {
    const events = liveEvents();
    events.applyAvailability({ ...state('a', 2, 40), ticketsLeft: [{ type: 't1', available: 2 }] });
    events.applyAvailability({ ...state('a', 1, 40), ticketsLeft: [{ type: 't1', available: 3 }] });
    expect(events.event('a')?.ticketTypes).toMatchObject([{ id: 't1', available: 2 }]);
    expect(events.event('b')?.ticketTypes).toMatchObject([{ id: 't1', available: 5 }]);
  });
});
