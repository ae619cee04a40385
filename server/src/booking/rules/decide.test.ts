import { describe, expect, it } from 'vitest';
import { NOW, book, booked, cancel, edit, held, idOf, minutes, stateOf, when } from './decide.fixture.ts';
import { bookingOf, errorOf } from '../../../test/support/outcomes.ts';

const PRICED = { price: { amount: 2000, currency: 'EUR' } };

describe('a booking command', () => {
  it('confirms seats of a free event at once', () => {
    const { outcomes, event, newBookings, ledgerEntries } = when(stateOf(), book('anna', 2));
    expect(bookingOf(outcomes[0])).toMatchObject({ status: 'confirmed', seats: 2, userId: idOf('anna'), version: 1 });
    expect(event.counters).toEqual({ totalSeats: 10, availableSeats: 8, heldSeats: 0, soldSeats: 2 });
    expect(event.version).toBe(8);
    expect(newBookings).toHaveLength(1);
    expect(ledgerEntries).toMatchObject([{ kind: 'booked', available: -2, held: 0, sold: 2, actor: idOf('anna') }]);
  });

  it('holds seats of a priced event for the hold minutes', () => {
    const { outcomes, event } = when(stateOf({ ...PRICED, holdMinutes: 5 }), book('anna', 2));
    expect(bookingOf(outcomes[0])).toMatchObject({ status: 'held', holdExpiresAt: minutes(5), settling: false });
    expect(event.counters).toMatchObject({ availableSeats: 8, heldSeats: 2, soldSeats: 0 });
    expect(event.holdsUntil).toEqual(minutes(5));
  });

  it('sells in order of arrival, never more seats than are free; a refusal does not block the next command', () => {
    const { outcomes, event } = when(stateOf({}, [], 5), book('a', 3), book('b', 3), book('c', 2), book('d', 1));
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true, false]);
    expect(errorOf(outcomes[1])).toMatchObject({ code: 'SOLD_OUT', details: { availableSeats: 2 } });
    expect(errorOf(outcomes[3])).toMatchObject({ code: 'SOLD_OUT', details: { availableSeats: 0 } });
    expect(event.counters.availableSeats).toBe(0);
  });

  it('returns the same booking for the same request, in one batch and later', () => {
    const first = when(stateOf(), book('anna', 2), book('anna', 2));
    expect(bookingOf(first.outcomes[1])).toEqual(bookingOf(first.outcomes[0]));
    expect(first.newBookings).toHaveLength(1);
    const stored = booked('anna', 2);
    const later = when(stateOf({}, [stored]), book('anna', 2, { requestId: 'stored-anna' }));
    expect(bookingOf(later.outcomes[0])).toBe(stored);
    expect(later.ledgerEntries).toEqual([]);
    expect(later.event.version).toBe(7);
  });

  it('returns the booking of a repeated request even after sales have closed', () => {
    const state = stateOf({ salesCloseAt: minutes(-1) }, [booked('anna', 2)]);
    expect(when(state, book('anna', 2, { requestId: 'stored-anna' })).outcomes[0]?.ok).toBe(true);
  });

  it.each([
    ['another number of seats', book('anna', 3, { requestId: 'stored-anna' })],
    ['another price', book('anna', 2, { requestId: 'stored-anna', price: { amount: 0, currency: 'EUR' } })],
  ])('refuses a reused request id with %s', (_, command) => {
    const { outcomes } = when(stateOf({}, [booked('anna', 2)]), command);
    expect(errorOf(outcomes[0])?.code).toBe('REQUEST_ID_REUSED');
  });

  it('refuses a request id that was used on another event', () => {
    const elsewhere = booked('anna', 2, { eventId: 'f'.repeat(24) });
    const { outcomes } = when(stateOf({}, [elsewhere]), book('anna', 2, { requestId: 'stored-anna' }));
    expect(errorOf(outcomes[0])?.code).toBe('REQUEST_ID_REUSED');
  });

  it('accepts the same request id from two users', () => {
    const { outcomes } = when(stateOf({}, [booked('anna', 2)]), book('bob', 1, { requestId: 'stored-anna' }));
    expect(bookingOf(outcomes[0])).toMatchObject({ userId: idOf('bob') });
  });

  it('is refused before sales open, with the opening time and the milliseconds until then', () => {
    const { outcomes } = when(stateOf({ salesOpenAt: minutes(3) }), book('anna', 1));
    expect(errorOf(outcomes[0])).toMatchObject({
      code: 'SALES_CLOSED',
      retryAfterMs: 180_000,
      details: { reason: 'not_open', salesOpenAt: minutes(3).toISOString(), retryAfterMs: 180_000 },
    });
  });

  it.each([
    ['closed', { salesCloseAt: NOW }],
    ['closed', { startsAt: NOW }],
    ['cancelled', { status: 'cancelled' as const }],
    ['not_open', { status: 'draft' as const }],
  ])('is refused with reason %s for %o', (reason, more) => {
    const { outcomes, ledgerEntries } = when(stateOf(more), book('anna', 1));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'SALES_CLOSED', details: { reason } });
    expect(ledgerEntries).toEqual([]);
  });

  it('succeeds from the moment at which sales open', () => {
    expect(when(stateOf({ salesOpenAt: NOW }), book('anna', 1)).outcomes[0]?.ok).toBe(true);
  });

  it('is refused if the price is not the one that the buyer saw', () => {
    const seen = { amount: 1500, currency: 'EUR' };
    const { outcomes } = when(stateOf(PRICED), book('anna', 1, { price: seen }), book('bob', 1, PRICED));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'PRICE_CHANGED', details: PRICED });
    expect(outcomes[1]?.ok).toBe(true);
  });

  it('keeps to the limits of seats per booking and per user', () => {
    const state = stateOf({ maxSeatsPerBooking: 4, maxSeatsPerUser: 5 }, [booked('anna', 3)]);
    const { outcomes } = when(state, book('anna', 5), book('anna', 3), book('anna', 2), book('bob', 4));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { limit: 4 } });
    expect(errorOf(outcomes[1])).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { limit: 5 } });
    expect(outcomes.slice(2).map((outcome) => outcome.ok)).toEqual([true, true]);
  });

  it('refuses a second live hold on one event, and names the first', () => {
    const first = when(stateOf(PRICED), book('anna', 1), book('anna', 2));
    const hold = bookingOf(first.outcomes[0]);
    expect(errorOf(first.outcomes[1])).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { bookingId: hold?.id } });
    const stored = held('bob', 1, minutes(5));
    const later = when(stateOf(PRICED, [stored]), book('bob', 1));
    expect(errorOf(later.outcomes[0])?.details).toEqual({ bookingId: stored.id });
  });

  it('holds seats again for a buyer whose first hold is released in the same batch', () => {
    const stored = held('bob', 1, minutes(5));
    const { outcomes } = when(stateOf(PRICED, [stored]), cancel(stored), book('bob', 2));
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true]);
  });
});

describe('a cancellation', () => {
  it('frees the seats of a confirmed booking and records who cancelled', () => {
    const stored = booked('anna', 3);
    const { outcomes, event, changedBookings } = when(stateOf({}, [stored]), cancel(stored));
    expect(bookingOf(outcomes[0])).toMatchObject({ status: 'cancelled', version: 2, ended: { by: 'buyer', at: NOW } });
    expect(event.counters).toMatchObject({ availableSeats: 10, soldSeats: 0 });
    expect(changedBookings).toMatchObject([{ fromVersion: 1 }]);
  });

  it('repeated has the same outcome and frees no seats twice', () => {
    const stored = booked('anna', 3);
    const { outcomes, ledgerEntries } = when(stateOf({}, [stored]), cancel(stored), cancel(stored));
    expect(bookingOf(outcomes[1])).toEqual(bookingOf(outcomes[0]));
    expect(ledgerEntries).toHaveLength(1);
  });

  it('frees some of the seats', () => {
    const stored = booked('anna', 3);
    const { outcomes, event } = when(stateOf({}, [stored]), cancel(stored, { seats: 2 }));
    expect(bookingOf(outcomes[0])).toMatchObject({ status: 'confirmed', seats: 1 });
    expect(event.counters).toMatchObject({ availableSeats: 9, soldSeats: 1 });
    const tooMany = when(stateOf({}, [stored]), cancel(stored, { seats: 4 }));
    expect(errorOf(tooMany.outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { seats: 3 } });
  });

  it('cancels the whole booking when all of its seats are named', () => {
    const stored = booked('anna', 3);
    expect(bookingOf(when(stateOf({}, [stored]), cancel(stored, { seats: 3 })).outcomes[0])?.status).toBe('cancelled');
  });

  it('releases a hold whole, never in part', () => {
    const stored = held('anna', 3, minutes(5));
    const part = when(stateOf(PRICED, [stored]), cancel(stored, { seats: 1 }));
    expect(errorOf(part.outcomes[0])?.code).toBe('INVALID_STATE');
    const whole = when(stateOf(PRICED, [stored]), cancel(stored));
    expect(bookingOf(whole.outcomes[0])).toMatchObject({ status: 'cancelled' });
    expect(bookingOf(whole.outcomes[0])).not.toHaveProperty('holdExpiresAt');
    expect(whole.event).toMatchObject({ holdsUntil: null, counters: { availableSeats: 10, heldSeats: 0 } });
  });

  it('is refused to the buyer after cancelUntil, but not to the organiser', () => {
    const stored = booked('anna', 1);
    const state = stateOf({ startsAt: minutes(60), cancelBeforeHours: 2 }, [stored]);
    const { outcomes } = when(state, cancel(stored), cancel(stored, { by: 'organiser', actor: idOf('admin') }));
    expect(errorOf(outcomes[0])).toMatchObject({
      code: 'INVALID_STATE',
      details: { cancelUntil: minutes(-60).toISOString() },
    });
    expect(bookingOf(outcomes[1])).toMatchObject({ status: 'cancelled', ended: { by: 'organiser' } });
  });

  it('is possible for two weeks after the event was moved', () => {
    const stored = booked('anna', 1);
    const state = stateOf({ startsAt: minutes(60), cancelBeforeHours: 2 }, [stored]);
    const moved = { ...state, event: { ...state.event, movedAt: minutes(-30) } };
    expect(when(moved, cancel(stored)).outcomes[0]?.ok).toBe(true);
    const late = booked('bob', 1, { createdAt: minutes(-10) });
    const after = { ...moved, bookings: new Map([[late.id, late]]) };
    expect(when(after, cancel(late)).outcomes[0]?.ok).toBe(false);
  });

  it('is refused for an expired, checked-in or unknown booking', () => {
    const ended = { by: 'time' as const, reason: null, at: minutes(-1) };
    const expired = booked('anna', 1, { status: 'expired', holdExpiresAt: minutes(-1), ended });
    const inside = booked('bob', 1, { checkedInSeats: 1 });
    const unknown = booked('carol', 1);
    const { outcomes } = when(stateOf({}, [expired, inside]), cancel(expired), cancel(inside), cancel(unknown));
    expect(outcomes.map((outcome) => errorOf(outcome)?.code)).toEqual(['INVALID_STATE', 'INVALID_STATE', 'NOT_FOUND']);
  });
});

describe('an expiry', () => {
  it('frees the seats of a hold only after the end of that hold', () => {
    const over = held('anna', 2, NOW);
    const running = held('bob', 3, minutes(1));
    const expire = (bookingId: string) => ({ type: 'expire', bookingId }) as const;
    const { outcomes, event } = when(stateOf(PRICED, [over, running]), expire(over.id), expire(running.id));
    expect(bookingOf(outcomes[0])).toMatchObject({ status: 'expired', holdExpiresAt: NOW, ended: { by: 'time' } });
    expect(bookingOf(outcomes[0])).not.toHaveProperty('settling');
    expect(bookingOf(outcomes[1])).toBe(running);
    expect(event).toMatchObject({ holdsUntil: minutes(1), counters: { availableSeats: 7, heldSeats: 3 } });
  });

  it('keeps the latest end among the holds that are not in the batch', () => {
    const over = held('anna', 2, NOW);
    const state = { ...stateOf(PRICED, [over]), otherHoldsUntil: minutes(9) };
    expect(when(state, { type: 'expire', bookingId: over.id }).event.holdsUntil).toEqual(minutes(9));
  });
});

describe('an edit', () => {
  it('changes only the named settings and counts a revision', () => {
    const { event, edited, ledgerEntries } = when(stateOf(PRICED), edit({ title: 'Jazz' }));
    expect(event).toMatchObject({ revision: 4, version: 7, movedAt: null, settings: { title: 'Jazz', ...PRICED } });
    expect(edited).toBe(true);
    expect(ledgerEntries).toEqual([]);
  });

  it('is refused for another revision than the stored one', () => {
    const { outcomes } = when(stateOf(), edit({ title: 'Jazz' }, 2));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { revision: 3 } });
  });

  it('changes the capacity, never below held and sold seats', () => {
    const state = stateOf(PRICED, [booked('anna', 3), held('bob', 2, minutes(5))]);
    const grown = when(state, edit({ totalSeats: 15 }));
    expect(grown.event.counters).toEqual({ totalSeats: 15, availableSeats: 10, heldSeats: 2, soldSeats: 3 });
    expect(grown.ledgerEntries).toMatchObject([{ kind: 'capacity', available: 5, actor: idOf('admin') }]);
    expect(when(state, edit({ totalSeats: 5 })).event.counters.availableSeats).toBe(0);
    const refused = when(state, edit({ totalSeats: 4, title: 'Jazz' }));
    expect(errorOf(refused.outcomes[0])).toMatchObject({ code: 'SEATS_IN_USE', details: { minimum: 5 } });
    expect(refused.event.settings.title).not.toBe('Jazz');
  });

  it('sets movedAt for a change of time or venue only', () => {
    expect(when(stateOf(), edit({ venue: 'Haus 3' })).event.movedAt).toEqual(NOW);
    expect(when(stateOf(), edit({ startsAt: minutes(99) })).event.movedAt).toEqual(NOW);
    expect(when(stateOf(), edit({ startsAt: stateOf().event.settings.startsAt })).event.movedAt).toBeNull();
    expect(when(stateOf(), edit({ description: 'new' })).event.movedAt).toBeNull();
  });

  it('can withdraw an event and change its currency only before the first booking', () => {
    const state = stateOf({}, [booked('anna', 1)]);
    expect(errorOf(when(state, edit({ status: 'draft' })).outcomes[0])?.code).toBe('INVALID_STATE');
    const francs = { price: { amount: 0, currency: 'CHF' } };
    expect(errorOf(when(state, edit(francs)).outcomes[0])?.code).toBe('INVALID_STATE');
    expect(when(state, edit(PRICED)).outcomes[0]?.ok).toBe(true);
    expect(when(stateOf(), edit({ status: 'draft', ...francs })).event.settings).toMatchObject({ status: 'draft' });
  });

  it('is refused for a cancelled event', () => {
    const { outcomes } = when(stateOf({ status: 'cancelled' }), edit({ title: 'Jazz' }));
    expect(errorOf(outcomes[0])).toMatchObject({ code: 'INVALID_STATE', details: { status: 'cancelled' } });
  });

  it('is refused if the times contradict each other', () => {
    const ends = when(stateOf(), edit({ endsAt: minutes(1) }));
    expect(errorOf(ends.outcomes[0])).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['changes', 'endsAt'] }],
    });
    const opens = when(stateOf(), edit({ salesOpenAt: new Date('2027-01-01T00:00:00.000Z') }));
    expect(errorOf(opens.outcomes[0])?.issues?.[0]?.path).toEqual(['changes', 'salesOpenAt']);
  });

  it('can clear the end of sales, which is then the start of the event', () => {
    const { event } = when(stateOf({ salesCloseAt: minutes(1) }), edit({ salesCloseAt: null, startsAt: minutes(99) }));
    expect(event.settings).toMatchObject({ salesCloseAt: null, startsAt: minutes(99) });
  });
});
