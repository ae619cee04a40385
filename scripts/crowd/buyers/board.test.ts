import { describe, expect, test } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { createBoard } from './board.ts';

const FREE = { amount: 0, currency: 'EUR' };

function state(eventId: string, version: number, availableSeats: number): Availability {
  const counters = { totalSeats: 100, availableSeats, heldSeats: 0, soldSeats: 100 - availableSeats };
  return { eventId, version, ...counters, waitingCount: 0, holdsUntil: null };
}

function board() {
  return createBoard(['a', 'b'].map((eventId) => ({ eventId, price: FREE, maxSeatsPerBooking: 10 })));
}

describe('the board of the wanted events', () => {
  test('sums up the free seats of all of them', () => {
    const seen = board();
    seen.see(state('a', 1, 40));
    seen.see(state('b', 1, 2));
    expect(seen.freeSeats()).toBe(42);
  });

  test('ignores an older state and takes a newer one', () => {
    const seen = board();
    seen.see(state('a', 2, 40));
    seen.see(state('a', 1, 90));
    expect(seen.freeSeats()).toBe(40);
    seen.see(state('a', 3, 39));
    expect(seen.freeSeats()).toBe(39);
  });

  test('does not care for other events', () => {
    const seen = board();
    seen.see(state('c', 1, 7));
    seen.edited({ eventId: 'c', price: FREE, maxSeatsPerBooking: 1 });
    expect(seen.freeSeats()).toBe(0);
    expect(seen.offer('c')).toBeUndefined();
  });

  test('goes by the new price after an edit', () => {
    const seen = board();
    seen.edited({ eventId: 'a', price: { amount: 500, currency: 'EUR' }, maxSeatsPerBooking: 2 });
    expect(seen.offer('a')).toMatchObject({ price: { amount: 500 }, maxSeatsPerBooking: 2 });
    expect(seen.offer('b')?.price).toEqual(FREE);
  });
});
