import { describe, expect, it } from 'vitest';
import type { AdoptHold, Book } from '../command.ts';
import { book, booked, held, idOf, minutes, paying, stateOf, when } from '../decide.fixture.ts';
import type { BatchState } from '../state/event-state.ts';
import type { BookingState, Held } from '../state/booking-state.ts';
import { voucher } from '../vouchers/voucher.fixture.ts';
import { ticketsKey } from '../vouchers/voucher-state.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };
const NEEDS_ADDRESS = { ok: false, error: { code: 'INVALID_STATE', details: { provisional: true } } };

/** A visitor's hold of two seats until five minutes from now. */
const hold = (visitor = 'visitor', seats = 2): Held => ({
  ...(held(visitor, seats, minutes(5)) as Held),
  provisional: true,
});
const first = (visitor: string, seats: number): Book => ({ ...book(visitor, seats), isProvisional: true });
const adopt = (user: string, booking: BookingState = hold()): AdoptHold => ({
  type: 'adoptHold',
  bookingId: booking.id,
  from: booking.userId,
  userId: idOf(user),
});
const decided = (state: BatchState, ...commands: Parameters<typeof when>[1][]) => when(state, ...commands).outcomes;

describe('a hold by an account without an address', () => {
  it('is made where something is owed, and refused where nothing is', () => {
    const [made] = decided(stateOf({ price: PRICE }), first('visitor', 2));
    expect(made).toMatchObject({ ok: true, booking: { status: 'held', provisional: true, seats: 2 } });
    expect(decided(stateOf({}), first('visitor', 2))[0]).toMatchObject(NEEDS_ADDRESS);
    expect(decided(stateOf({}), book('alice', 2))[0]).toMatchObject({ ok: true, booking: { status: 'confirmed' } });
  });

  it('takes a tenth of the seats with all others together, to the seat; those with an address do not count', () => {
    const event = { price: PRICE, maxSeatsPerBooking: 4 };
    const state = stateOf(event, [hold('early', 3), held('alice', 5, minutes(5))], 80);
    const outcomes = decided(state, first('a', 4), first('b', 2), first('c', 1), first('d', 1), book('bob', 4));
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, false, true]);
    expect(outcomes[1]).toMatchObject({ error: { details: { reason: 'seats' } } });
  });

  it('may take as many seats as one booking where a tenth is fewer', () => {
    const state = stateOf({ price: PRICE, maxSeatsPerBooking: 4 }, [hold('early', 2)], 12);
    expect(decided(state, first('a', 3), first('b', 2)).map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('grows within that share, shrinks always, and is never changed to what is free', () => {
    const state = stateOf({ price: PRICE, maxSeatsPerBooking: 4 }, [hold('early', 2), hold()], 12);
    const change = (seats: number) =>
      ({ type: 'changeHold', bookingId: hold().id, actor: hold().userId, seats }) as const;
    expect(decided(state, change(3))[0]).toMatchObject(NEEDS_ADDRESS);
    expect(decided(state, change(1), change(2)).map(({ ok }) => ok)).toEqual([true, true]);
    const free = stateOf({ ticketTypes: [{ price: PRICE }, { price: { ...PRICE, amount: 0 } }] }, [hold()], 12);
    const tickets = { tickets: [{ type: 't2', count: 2 }], voucher: null };
    const toFree = { type: 'changeHold', bookingId: hold().id, actor: hold().userId, ...tickets } as const;
    expect(decided(free, toFree)[0]).toMatchObject({ error: { details: { provisional: true, reason: 'free' } } });
  });

  it('frees its share when it ends, within one batch', () => {
    const state = stateOf({ price: PRICE, maxSeatsPerBooking: 2 }, [hold()], 12);
    const { id: bookingId, userId: actor } = hold();
    const release = {
      type: 'cancel',
      bookingId,
      actor,
      by: 'buyer',
      requestId: null,
      seats: null,
      reason: null,
    } as const;
    expect(decided(state, first('a', 2), release, first('b', 2)).map(({ ok }) => ok)).toEqual([false, true, true]);
  });
});

describe('taking a hold over', () => {
  it('gives it to the account with its seats, its end and its request, and moves no counter', () => {
    const state = stateOf({ price: PRICE }, [hold()]);
    const { outcomes, event, ledgerEntries } = when(state, adopt('alice'));
    expect(outcomes[0]).toMatchObject({
      ok: true,
      booking: { userId: idOf('alice'), adoptedFrom: idOf('visitor'), provisional: false, version: 2, seats: 2 },
    });
    expect(event.counters).toEqual(state.event.counters);
    expect(ledgerEntries).toMatchObject([
      {
        kind: 'adopted',
        actor: idOf('alice'),
        available: 0,
        held: 0,
        sold: 0,
        booking: { adoptedFrom: idOf('visitor') },
      },
    ]);
  });

  it('changes nothing when it is repeated, in the same batch and later', () => {
    const { outcomes, ledgerEntries, changedBookings } = when(
      stateOf({ price: PRICE }, [hold()]),
      adopt('alice'),
      adopt('alice'),
    );
    expect(outcomes[1]).toMatchObject({ ok: true, repeated: true, booking: { version: 2 } });
    expect(ledgerEntries).toHaveLength(1);
    const [{ booking: adopted } = { booking: hold() }] = changedBookings;
    const again = when(stateOf({ price: PRICE }, [adopted]), adopt('alice'));
    expect(again.outcomes[0]).toMatchObject({ ok: true, repeated: true });
    expect(again.ledgerEntries).toEqual([]);
  });

  it('only ends that it is provisional where the visitor has become the account, whatever the limits', () => {
    const state = stateOf({ price: PRICE, maxSeatsPerUser: 1 }, [hold()]);
    const [outcome] = decided(state, adopt('visitor'));
    expect(outcome).toMatchObject({
      ok: true,
      booking: { userId: idOf('visitor'), provisional: false, adoptedFrom: null },
    });
  });

  it('frees its share of the seats for other visitors', () => {
    const state = stateOf({ price: PRICE, maxSeatsPerBooking: 2 }, [hold()], 12);
    expect(decided(state, first('a', 2), adopt('alice'), first('b', 2)).map(({ ok }) => ok)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('is refused beside a live hold of the account, which the refusal names', () => {
    const own = held('alice', 1, minutes(3));
    const { outcomes, ledgerEntries } = when(stateOf({ price: PRICE }, [hold(), own]), adopt('alice'));
    expect(outcomes[0]).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { bookingId: own.id } } });
    expect(ledgerEntries).toEqual([]);
  });

  it('counts as a live hold of its new owner from then on, and as none of the visitor', () => {
    const state = stateOf({ price: PRICE }, [hold()]);
    const again = { requestId: 'again' };
    const outcomes = decided(state, adopt('alice'), book('alice', 1, again), {
      ...book('visitor', 1, again),
      isProvisional: true,
    });
    expect(outcomes[1]).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { bookingId: hold().id } } });
    expect(outcomes[2]).toMatchObject({ ok: true });
  });

  it.each([
    [3, 'LIMIT_EXCEEDED'],
    [4, null],
  ])('counts by the seats per user anew: of %i', (maxSeatsPerUser, code) => {
    const state = stateOf({ price: PRICE, maxSeatsPerUser }, [hold(), booked('alice', 2)]);
    const [outcome] = decided(state, adopt('alice'));
    if (code === null) expect(outcome?.ok).toBe(true);
    else expect(outcome).toMatchObject({ error: { code, details: { limit: maxSeatsPerUser } } });
  });

  it.each([
    [1, false],
    [2, true],
  ])('counts by the tickets per user of its voucher, which has %i left for the account', (left, isAdopted) => {
    const half = voucher({ percentOff: 50, maxTickets: 5, maxTicketsPerUser: 3, held: 5 });
    const mine = hold();
    const tickets = mine.tickets.map((line) => ({ ...line, discount: 1_000 }));
    const used = { ...mine, tickets, voucher: { id: half.id, code: half.code } };
    const vouchers = {
      byId: new Map([[half.id, half]]),
      ticketsByUser: new Map([[ticketsKey(half.id, idOf('alice')), 3 - left]]),
    };
    const { outcomes, changedVouchers } = when(
      { ...stateOf({ price: PRICE }, [used]), vouchers },
      adopt('alice', used),
    );
    if (isAdopted) expect(outcomes[0]).toMatchObject({ ok: true });
    else
      expect(outcomes[0]).toMatchObject({
        error: { code: 'VOUCHER_INVALID', details: { reason: 'limit', limit: left } },
      });
    expect(changedVouchers).toEqual([]);
  });

  it('is refused once the hold is over, has ended, or is another visitor’s', () => {
    const over = { ...hold(), holdExpiresAt: minutes(0) };
    expect(decided(stateOf({ price: PRICE }, [over]), adopt('alice', over))[0]).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'expired' } },
    });
    const ended = booked('visitor', 2, {
      status: 'cancelled',
      provisional: true,
      ended: { by: 'buyer', reason: null, at: minutes(-1) },
    });
    expect(decided(stateOf({ price: PRICE }, [ended]), adopt('alice', ended))[0]).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'cancelled' } },
    });
    const foreign = { ...adopt('alice'), from: idOf('somebody') };
    expect(decided(stateOf({ price: PRICE }, [hold()]), foreign)[0]).toMatchObject({ error: { code: 'NOT_FOUND' } });
    const users = held('bob', 2, minutes(5));
    const [notProvisional] = decided(stateOf({ price: PRICE }, [users]), adopt('alice', users));
    expect(notProvisional).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(decided(stateOf({ price: PRICE }), adopt('alice'))[0]).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('is refused on a cancelled event, while a payment runs, and beside a booking by the same request', () => {
    const cancelled = stateOf({ price: PRICE, status: 'cancelled' }, [hold()]);
    expect(decided(cancelled, adopt('alice'))[0]).toMatchObject({ error: { code: 'SALES_CLOSED' } });
    const paid = paying(stateOf({ price: PRICE }, [hold()]), hold());
    expect(decided(paid, adopt('alice'))[0]).toMatchObject({ error: { details: { payment: 'open' } } });
    const same = booked('alice', 1, { requestId: hold().requestId });
    expect(decided(stateOf({ price: PRICE }, [hold(), same]), adopt('alice'))[0]).toMatchObject({
      error: { code: 'REQUEST_ID_REUSED' },
    });
  });

  it('leaves the request to both: either of them gets the hold by repeating it', () => {
    const mine = { ...hold(), requested: { seats: 2, price: null } };
    const asked = { requestId: mine.requestId ?? '' };
    const again = (who: string) => book(who, 2, asked);
    const outcomes = decided(stateOf({ price: PRICE }, [mine]), adopt('alice', mine), again('alice'), {
      ...again('visitor'),
      isProvisional: true,
    });
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: true, booking: { id: mine.id, version: 2 } });
  });
});
