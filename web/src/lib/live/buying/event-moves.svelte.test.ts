import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { EventMoves } from './event-moves.svelte.ts';
import { aBooking } from '../fixtures.ts';

const booking = aBooking({ status: 'confirmed' });
const moved = (more: Partial<Booking['event']>): Booking => ({ ...booking, event: { ...booking.event, ...more } });

function storage() {
  const stored = new Map<string, string>();
  return {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, text: string) => void stored.set(key, text),
    removeItem: (key: string) => void stored.delete(key),
  };
}

test('an event that moved is told with where and when it was to be, until that was read', () => {
  const moves = new EventMoves(storage());
  moves.note(booking);
  expect(moves.before(booking)).toBeNull();
  const later = moved({ startsAt: '2026-10-21T18:00:00.000Z' });
  moves.note(later);
  expect(moves.before(later)).toEqual({ startsAt: booking.event.startsAt, venue: booking.event.venue });
  moves.accept(later);
  expect(moves.before(later)).toBeNull();
});

test('a move while nobody looked is told on the next visit; another title is no move', () => {
  const kept = storage();
  new EventMoves(kept).note(booking);
  const next = new EventMoves(kept);
  expect(next.before(moved({ venue: 'Elsewhere' }))).toMatchObject({ venue: booking.event.venue });
  expect(next.before(moved({ title: 'Another title' }))).toBeNull();
});

test('a booking that ended, or was never seen, has not moved', () => {
  const moves = new EventMoves(storage());
  const elsewhere = moved({ venue: 'Elsewhere' });
  expect(moves.before(elsewhere)).toBeNull();
  moves.note(booking);
  expect(moves.before({ ...elsewhere, status: 'cancelled' })).toBeNull();
  moves.clear();
  expect(moves.before(elsewhere)).toBeNull();
});

test.each(['no JSON', 'null', '[]', '{"x":null}', '{"x":{"startsAt":1}}'])(
  'what was stored as %s is nothing',
  (text) => {
    const moves = new EventMoves({ getItem: () => text, setItem: () => undefined, removeItem: () => undefined });
    expect(moves.before(booking)).toBeNull();
  },
);
