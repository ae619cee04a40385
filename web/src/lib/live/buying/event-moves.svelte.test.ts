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

test('a moved event has its former start and venue until the buyer accepts the move', () => {
  const moves = new EventMoves(storage());
  moves.note(booking);
  expect(moves.before(booking)).toBeNull();
  const later = moved({ startsAt: '2026-10-21T18:00:00.000Z' });
  moves.note(later);
  expect(moves.before(later)).toEqual({ startsAt: booking.event.startsAt, venue: booking.event.venue });
  moves.accept(later);
  expect(moves.before(later)).toBeNull();
});

test('a move between two visits is known on the second one; another title is not a move', () => {
  const kept = storage();
  new EventMoves(kept).note(booking);
  const next = new EventMoves(kept);
  expect(next.before(moved({ venue: 'Elsewhere' }))).toMatchObject({ venue: booking.event.venue });
  expect(next.before(moved({ title: 'Another title' }))).toBeNull();
});

test('an ended or unknown booking has no move', () => {
  const moves = new EventMoves(storage());
  const elsewhere = moved({ venue: 'Elsewhere' });
  expect(moves.before(elsewhere)).toBeNull();
  moves.note(booking);
  expect(moves.before({ ...elsewhere, status: 'cancelled' })).toBeNull();
  moves.clear();
  expect(moves.before(elsewhere)).toBeNull();
});

test.each(['no JSON', 'null', '[]', '{"x":null}', '{"x":{"startsAt":1}}'])(
  'the stored text %s holds no known place',
  (text) => {
    const moves = new EventMoves({ getItem: () => text, setItem: () => undefined, removeItem: () => undefined });
    expect(moves.before(booking)).toBeNull();
  },
);
