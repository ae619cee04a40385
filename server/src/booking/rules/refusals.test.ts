import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import {
  book,
  booked,
  cancel,
  held,
  idOf,
  minutes,
  NOW,
  openCheckout,
  pay,
  paying,
  stateOf,
} from './decide.fixture.ts';
import type { BookingState } from './state/booking-state.ts';
import type { BatchState } from './state/event-state.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };
const HOLD = held('alice', 2, minutes(5));
const outcomeOf = (state: BatchState, command: Command) => decide(state, [command], NOW).outcomes[0];

describe('a booking', () => {
  it.each([
    { amount: 1_999, currency: 'EUR' },
    { amount: 2_000, currency: 'USD' },
  ])('is refused at another price than the buyer saw: %o', (seen) => {
    expect(outcomeOf(stateOf({ price: PRICE }), book('bob', 1, { price: seen }))).toMatchObject({
      error: { code: 'PRICE_CHANGED', details: { price: PRICE } },
    });
  });

  it('is made at the price that the buyer saw, or without one', () => {
    for (const price of [PRICE, null]) {
      expect(outcomeOf(stateOf({ price: PRICE }), book('bob', 1, { price }))).toMatchObject({ ok: true });
    }
  });

  it('of a free event is made despite a live hold, one of a priced event is not', () => {
    const again = book('alice', 1, { requestId: 'again' });
    expect(outcomeOf(stateOf({}, [HOLD]), again)).toMatchObject({ ok: true });
    expect(outcomeOf(stateOf({ price: PRICE }, [HOLD]), again)).toMatchObject({
      error: { code: 'LIMIT_EXCEEDED', details: { bookingId: HOLD.id } },
    });
  });
});

describe('a repeated request', () => {
  const stored = booked('bob', 2, { requested: { seats: 2, price: PRICE } });
  const repeat = { requestId: 'stored-bob', price: PRICE };

  it('with the input of the first request returns its booking', () => {
    expect(outcomeOf(stateOf({}, [stored]), book('bob', 2, repeat))).toMatchObject({ ok: true, booking: stored });
  });

  it.each([
    book('bob', 3, repeat),
    book('bob', 2, { ...repeat, price: { ...PRICE, amount: 1 } }),
    book('bob', 2, { ...repeat, price: { ...PRICE, currency: 'USD' } }),
    book('bob', 2, { ...repeat, price: null }),
  ])('with other input is refused (%#)', (other) => {
    expect(outcomeOf(stateOf({}, [stored]), other)).toMatchObject({ error: { code: 'REQUEST_ID_REUSED' } });
  });
});

describe('a payment is refused', () => {
  const state = stateOf({ price: PRICE }, [HOLD]);

  it.each<[string, BatchState, BookingState, Record<string, unknown>]>([
    [
      'while the hold is settling',
      stateOf({}, [{ ...HOLD, settling: true } as BookingState]),
      HOLD,
      { settling: true },
    ],
    ['after the end of the hold', stateOf({}, [held('alice', 2, NOW)]), HOLD, { status: 'expired' }],
    ['of a cancelled event', stateOf({ status: 'cancelled' }, [HOLD]), HOLD, { reason: 'cancelled' }],
    [
      'where nothing is owed',
      stateOf({}, [
        booked('alice', 2, { ...HOLD, tickets: [{ type: 't1', count: 2, price: { ...PRICE, amount: 0 }, seats: 1 }] }),
      ]),
      HOLD,
      { status: 'held', owes: { amount: 0, currency: 'EUR' } },
    ],
    [
      'while its checkout is being cancelled',
      paying(state, HOLD, { status: 'cancelling' }),
      HOLD,
      { status: 'held', payment: 'cancelling' },
    ],
  ])('%s', (_, before, hold, details) => {
    expect(outcomeOf(before, openCheckout(hold))).toMatchObject({ ok: false, error: { details } });
  });
});

describe('a late payment', () => {
  const expired = booked('alice', 2, {
    price: PRICE,
    status: 'expired',
    holdExpiresAt: minutes(-5),
    ended: { by: 'time', reason: null, at: minutes(-5) },
  } as Partial<BookingState>);
  const late = (more: Parameters<typeof stateOf>[0]) =>
    outcomeOf(paying(stateOf({ price: PRICE, ...more }, [expired]), expired, { status: 'cancelling' }), pay(expired));

  it('revives the booking until the moment at which the event starts', () => {
    expect(late({ startsAt: minutes(0.001) })).toMatchObject({ booking: { status: 'confirmed' } });
    expect(late({ startsAt: NOW })).toMatchObject({ booking: { status: 'expired' } });
  });
});

describe('cancelling', () => {
  const sold = booked('alice', 3);

  it('is refused to the buyer from the millisecond after cancelUntil on', () => {
    const startsAt = (msFromNow: number) => new Date(NOW.getTime() + 86_400_000 + msFromNow);
    expect(outcomeOf(stateOf({ startsAt: startsAt(0) }, [sold]), cancel(sold))).toMatchObject({ ok: true });
    expect(outcomeOf(stateOf({ startsAt: startsAt(-1) }, [sold]), cancel(sold))).toMatchObject({
      error: { code: 'INVALID_STATE', details: { cancelUntil: new Date(NOW.getTime() - 1).toISOString() } },
    });
  });

  it('is not refused to an organiser after cancelUntil', () => {
    const command = cancel(sold, { by: 'organiser', actor: idOf('admin') });
    expect(outcomeOf(stateOf({ cancelBeforeHours: 8_760 }, [sold]), command)).toMatchObject({ ok: true });
  });

  it('can cancel all seats, but not more', () => {
    expect(outcomeOf(stateOf({}, [sold]), cancel(sold, { seats: 3 }))).toMatchObject({
      booking: { status: 'cancelled' },
    });
    expect(outcomeOf(stateOf({}, [sold]), cancel(sold, { seats: 4 }))).toMatchObject({
      error: { code: 'INVALID_STATE', details: { seats: 3 } },
    });
  });

  it('some seats of a hold is refused', () => {
    expect(outcomeOf(stateOf({}, [HOLD]), cancel(HOLD, { seats: 1 }))).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'held' } },
    });
  });
});

describe('a hold of a cancelled event that its job has not released yet', () => {
  const priced = { ...HOLD, price: PRICE };
  const free = { ...HOLD, price: { ...PRICE, amount: 0 } };
  const about = { bookingId: HOLD.id, actor: HOLD.userId };

  it.each<[BookingState, Command]>([
    [free, { type: 'confirm', ...about }],
    [priced, { type: 'changeHold', ...about, seats: 1 }],
    [priced, { type: 'changeHold', ...about, seats: 3 }],
    [priced, { type: 'cancelCheckout', bookingId: HOLD.id, change: { seats: 1 } }],
    [priced, openCheckout(HOLD)],
  ])('is refused to be paid, changed or confirmed (%#)', (hold, command) => {
    const state = paying(stateOf({ status: 'cancelled' }, [hold]), hold);
    expect(outcomeOf(state, command)).toMatchObject({
      error: { code: 'SALES_CLOSED', details: { reason: 'cancelled' } },
    });
  });

  it('is released by its owner all the same', () => {
    expect(outcomeOf(stateOf({ status: 'cancelled' }, [HOLD]), cancel(HOLD))).toMatchObject({ ok: true });
  });
});

describe('another party size of a hold', () => {
  const change = (seats: number) => ({ type: 'changeHold', bookingId: HOLD.id, actor: HOLD.userId, seats }) as const;

  it('may reach the limit per user, and no more', () => {
    const state = stateOf({ price: PRICE, maxSeatsPerUser: 4 }, [HOLD]);
    expect(outcomeOf(state, change(4))).toMatchObject({ ok: true, booking: { seats: 4 } });
    expect(outcomeOf(state, change(5))).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { limit: 4 } } });
  });

  it('is never refused if it is smaller, even after sales have closed', () => {
    const state = stateOf({ price: PRICE, salesCloseAt: minutes(-1) }, [HOLD]);
    expect(outcomeOf(state, change(1))).toMatchObject({ ok: true, booking: { seats: 1 } });
    expect(outcomeOf(state, change(3))).toMatchObject({ error: { code: 'SALES_CLOSED' } });
  });
});
