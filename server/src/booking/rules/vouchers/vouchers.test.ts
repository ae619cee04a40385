import { describe, expect, it } from 'vitest';
import type { Outcome } from '../command.ts';
import {
  attemptOf,
  book,
  cancel,
  held,
  idOf,
  minutes,
  NOW,
  pay,
  paying,
  stateOf,
  ticketsBy,
  when,
} from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { BatchState } from '../state/event-state.ts';
import type { BookingState, Held, LineItem } from '../state/booking-state.ts';
import { voucher } from './voucher.fixture.ts';
import type { VoucherState } from './voucher-state.ts';
import { ticketsKey } from './voucher-state.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
/** An adult for 20, a child for 10, a hidden VIP for 50, parking for 5. */
const TYPES = [
  { price: euros(2_000) },
  { price: euros(1_000) },
  { price: euros(5_000), access: 'voucher' as const },
  { price: euros(500), seats: 0 },
];

/** The event with these vouchers and bookings; `tickets`: tickets that alice has by the first voucher. */
function stateWith(vouchers: VoucherState[], bookings: BookingState[] = [], tickets = 0): BatchState {
  const ticketsByUser = new Map([[ticketsKey(vouchers[0]?.id ?? '', idOf('alice')), tickets]]);
  const state = stateOf({ ticketTypes: TYPES }, bookings, 20);
  return { ...state, vouchers: { byId: new Map(vouchers.map((one) => [one.id, one])), ticketsByUser } };
}

const HALF = voucher({ percentOff: 50, maxTickets: 5 });
const code = 'friends';

function linesOf(outcome: Outcome | undefined) {
  if (!outcome?.ok || !('booking' in outcome)) throw new Error(`No booking: ${JSON.stringify(outcome)}`);
  return outcome.booking.tickets.map(({ type, count, price, discount }) => [type, count, price.amount, discount]);
}

/** A hold of alice with these lines by a voucher. */
function holdOf(lines: Partial<LineItem>[], by: VoucherState | null = HALF): Held {
  const tickets = lines.map((line) => ({ type: 't1', count: 1, price: euros(2_000), seats: 1, ...line }));
  const seats = tickets.reduce((sum, line) => sum + line.count * line.seats, 0);
  const used = by && { id: by.id, code: by.code };
  return { ...held('alice', seats, minutes(5)), tickets, seats, voucher: used } as Held;
}

const invalid = (reason: string, more: object = {}) => ({
  ok: false,
  error: { code: 'VOUCHER_INVALID', details: { reason, ...more } },
});

describe('a booking with a voucher', () => {
  it('costs less for each ticket, holds the uses, and names the voucher as it was made', () => {
    const decision = when(stateWith([HALF]), book('alice', { t1: 2, t2: 1 }, { voucher: code }));
    expect(linesOf(decision.outcomes[0])).toEqual([
      ['t1', 2, 1_000, 1_000],
      ['t2', 1, 500, 500],
    ]);
    expect(decision.outcomes[0]).toMatchObject({ booking: { status: 'held', voucher: { id: 'v1', code: 'FRIENDS' } } });
    expect(decision.changedVouchers).toEqual([{ voucher: { ...HALF, held: 3 }, before: HALF }]);
  });

  it('at a hundred per cent is complimentary: confirmed at once, and the uses are used', () => {
    const free = voucher({ percentOff: 100 });
    const decision = when(stateWith([free]), book('alice', { t1: 2 }, { voucher: code }));
    expect(decision.outcomes[0]).toMatchObject({ booking: { status: 'confirmed' } });
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 0, used: 2 } }]);
  });

  it('counts only the tickets that the voucher concerns', () => {
    const adults = voucher({ percentOff: 10, ticketTypes: ['t1'], maxTickets: 1 });
    const decision = when(stateWith([adults]), book('alice', { t1: 1, t2: 4, t4: 1 }, { voucher: code }));
    expect(linesOf(decision.outcomes[0])).toEqual([
      ['t1', 1, 1_800, 200],
      ['t2', 4, 1_000, undefined],
      ['t4', 1, 500, undefined],
    ]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 1 } }]);
  });

  it('opens hidden types, whose tickets are uses also without a discount', () => {
    const key = voucher({ opens: ['t3'] });
    const decision = when(stateWith([key]), book('alice', { t3: 2, t1: 1 }, { voucher: code }));
    expect(linesOf(decision.outcomes[0])).toEqual([
      ['t3', 2, 5_000, 0],
      ['t1', 1, 2_000, undefined],
    ]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 2 } }]);
  });

  it('finds a hidden type that the voucher does not open as little as an unknown one', () => {
    const errorFor = (type: string) =>
      when(stateWith([HALF]), book('alice', { [type]: 1 }, { voucher: code })).outcomes[0];
    expect(errorFor('t3')).toEqual(errorFor('t9'));
    expect(errorFor('t3')).toMatchObject({
      error: { code: 'INVALID_INPUT', issues: [{ path: ['tickets', 0, 'type'] }] },
    });
  });

  it.each([
    ['that no voucher has', voucher({ key: '0THER' }), 'unknown'],
    ['that is disabled', voucher({ percentOff: 50, disabled: true }), 'unknown'],
    ['that is used up', voucher({ percentOff: 50, maxTickets: 2, held: 1, used: 1 }), 'used_up'],
    ['before its time', voucher({ percentOff: 50, validFrom: minutes(1) }), 'not_open'],
    ['after its time', voucher({ percentOff: 50, validUntil: NOW }), 'closed'],
    ['for other tickets', voucher({ percentOff: 50, ticketTypes: ['t2'] }), 'other_tickets'],
    ['for fewer tickets', voucher({ percentOff: 50, maxTickets: 1 }), 'limit'],
    ['for fewer tickets of a buyer', voucher({ percentOff: 50, maxTicketsPerUser: 2 }), 'limit'],
  ])('is refused by a code %s, and buys nothing', (_, by, reason) => {
    const decision = when(stateWith([by]), book('alice', { t1: 3 }, { voucher: code }));
    expect(decision.outcomes).toMatchObject([{ ok: false, error: { code: 'VOUCHER_INVALID', details: { reason } } }]);
    expect(decision).toMatchObject({ newBookings: [], changedVouchers: [], ledgerEntries: [] });
  });

  it('is compared with the total that the buyer saw, the discount taken off', () => {
    const state = stateWith([HALF]);
    const seen = (total: number) =>
      when(state, book('alice', { t1: 2 }, { voucher: code, total: euros(total) })).outcomes[0];
    expect(seen(2_000)).toMatchObject({ ok: true });
    expect(seen(4_000)).toMatchObject({ error: { code: 'PRICE_CHANGED', details: { total: euros(2_000) } } });
  });

  it('shares the last uses with the other bookings of its batch: first come, first served', () => {
    const two = voucher({ percentOff: 50, maxTickets: 2 });
    const buyers = ['alice', 'bob', 'carol', 'dora'].map((user) => book(user, { t1: 1 }, { voucher: code }));
    const decision = when(stateWith([two]), ...buyers);
    expect(decision.outcomes).toMatchObject([{ ok: true }, { ok: true }, invalid('used_up'), invalid('used_up')]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 2, used: 0 } }]);
  });

  it('has the uses that a hold of its batch gives back before it', () => {
    const two = voucher({ percentOff: 50, maxTickets: 2, held: 2 });
    const hold = holdOf([{ count: 2, discount: 1_000 }], two);
    const decision = when(stateWith([two], [hold]), cancel(hold), book('bob', { t1: 2 }, { voucher: code }));
    expect(decision.outcomes).toMatchObject([{ ok: true }, { ok: true }]);
    expect(decision.changedVouchers).toEqual([]);
  });

  it('is made once by a repeated request, which must name the same voucher', () => {
    const state = stateWith([voucher({ percentOff: 50, maxTickets: 1 })]);
    const first = book('alice', { t1: 1 }, { voucher: code, requestId: 'one' });
    const other = book('alice', { t1: 1 }, { requestId: 'one' });
    const decision = when(state, first, first, other);
    expect(decision.outcomes).toMatchObject([{ ok: true }, { ok: true }, { error: { code: 'REQUEST_ID_REUSED' } }]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 1 } }]);
  });

  it('counts the live bookings of its buyer alone against the limit per user', () => {
    const each = voucher({ percentOff: 100, maxTicketsPerUser: 2 });
    const outcomes = when(
      stateWith([each], [], 1),
      book('alice', { t1: 1 }, { voucher: code }),
      book('alice', { t2: 1 }, { voucher: code }),
      book('bob', { t1: 2 }, { voucher: code }),
    ).outcomes;
    expect(outcomes).toMatchObject([{ ok: true }, invalid('limit', { limit: 0 }), { ok: true }]);
  });
});

describe('the uses of a voucher', () => {
  const three = voucher({ percentOff: 50, maxTickets: 3, held: 2 });
  const hold = holdOf([{ count: 2, price: euros(1_000), discount: 1_000 }], three);
  const confirmed = { ...hold, status: 'confirmed' as const };
  const bought = { ...three, held: 0, used: 2 };

  it('become used when the hold is paid', () => {
    const decision = when(paying(stateWith([three], [hold]), hold), pay(hold));
    expect(decision.outcomes).toMatchObject([{ booking: { status: 'confirmed' } }]);
    expect(decision.changedVouchers).toEqual([{ voucher: bought, before: three }]);
  });

  it('come back once when the hold ends, by its time or by its buyer, however often that is asked', () => {
    const over = { ...hold, holdExpiresAt: NOW };
    const expire = { type: 'expire', bookingId: hold.id } as const;
    const free = { ...three, held: 0 };
    expect(when(stateWith([three], [over]), expire, expire).changedVouchers).toMatchObject([{ voucher: free }]);
    expect(when(stateWith([three], [hold]), cancel(hold), cancel(hold)).changedVouchers).toMatchObject([
      { voucher: free },
    ]);
  });

  it('come back for the cancelled tickets, and those alone', () => {
    const state = stateWith([bought], [confirmed]);
    const part = when(state, cancel(confirmed, { tickets: ticketsBy({ t1: 1 }) }));
    expect(part.changedVouchers).toMatchObject([{ voucher: { held: 0, used: 1 } }]);
    const all = when(state, cancel(confirmed));
    expect(all.changedVouchers).toMatchObject([{ voucher: { held: 0, used: 0 } }]);
  });

  it('come back to a disabled voucher too, and no seat that was not taken', () => {
    const disabled = { ...three, disabled: true };
    const decision = when(stateWith([disabled], [hold]), cancel(hold));
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 0, used: 0, disabled: true } }]);
    expect(decision.event.counters).toMatchObject({ availableSeats: 20, heldSeats: 0 });
  });

  it('come back when the event cancels the booking', () => {
    const decision = when(stateWith([bought], [confirmed]), cancel(confirmed, { by: 'event', actor: 'system' }));
    expect(decision.changedVouchers).toMatchObject([{ voucher: { used: 0 } }]);
  });
});

describe('a late payment of a booking with a voucher', () => {
  const expired = {
    ...holdOf([{ count: 2, price: euros(1_000), discount: 1_000 }]),
    status: 'expired',
    ended: { by: 'time', reason: null, at: minutes(-1) },
  } as BookingState;
  const settled = (by: VoucherState, tickets = 0) =>
    when(paying(stateWith([by], [expired], tickets), expired, { status: 'ended' }), pay(expired));

  it('revives it with its uses, also after the end of the voucher', () => {
    const decision = settled({ ...HALF, used: 3, validUntil: minutes(-1) });
    expect(decision.outcomes).toMatchObject([{ booking: { status: 'confirmed' } }]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { used: 5, held: 0 } }]);
  });

  it.each([
    ['used up', { ...HALF, used: 4 }, 0],
    ['disabled', { ...HALF, disabled: true }, 0],
    ['at its limit for the buyer', { ...HALF, maxTicketsPerUser: 2 }, 1],
  ])('is refunded if the voucher is %s', (_, by, tickets) => {
    const decision = settled(by, tickets);
    expect(decision.outcomes).toMatchObject([{ booking: { status: 'expired' } }]);
    expect(decision.changedVouchers).toEqual([]);
    expect(decision.changedAttempts).toMatchObject([{ attempt: { refunds: [{ cause: 'late', amount: 2_000 }] } }]);
  });
});

describe('a hold that changes', () => {
  const change = (tickets: Record<string, number>, named: string | null = null) => ({
    type: 'changeHold' as const,
    bookingId: holdOf([]).id,
    actor: idOf('alice'),
    tickets: ticketsBy(tickets),
    voucher: named,
  });
  const byHalf = { ...HALF, held: 2 };
  const hold = holdOf([{ count: 2, price: euros(900), discount: 900 }], byHalf);

  it('keeps its voucher, its price, and has the discount for tickets that are added', () => {
    const decision = when(stateWith([byHalf], [hold]), change({ t1: 3, t2: 1 }));
    expect(linesOf(decision.outcomes[0])).toEqual([
      ['t1', 3, 900, 900],
      ['t2', 1, 500, 500],
    ]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 4 } }]);
  });

  it('takes no more than the voucher has, and stays as it was', () => {
    const decision = when(stateWith([byHalf], [hold]), change({ t1: 6 }));
    expect(decision.outcomes).toMatchObject([invalid('limit', { limit: 3 })]);
    expect(decision).toMatchObject({ changedBookings: [], changedVouchers: [] });
  });

  it('may get smaller although the voucher has ended or is disabled, but not larger', () => {
    const ended = { ...byHalf, validUntil: NOW };
    expect(when(stateWith([ended], [hold]), change({ t1: 1 })).changedVouchers).toMatchObject([
      { voucher: { held: 1 } },
    ]);
    expect(when(stateWith([ended], [hold]), change({ t1: 3 })).outcomes).toMatchObject([invalid('closed')]);
    const disabled = { ...byHalf, disabled: true };
    expect(when(stateWith([disabled], [hold]), change({ t1: 3 })).outcomes).toMatchObject([invalid('unknown')]);
  });

  it('has no voucher any more when no ticket is left that it concerns', () => {
    const adults = { ...byHalf, ticketTypes: ['t1'] };
    const mixed = holdOf(
      [
        { count: 2, discount: 1_000 },
        { type: 't2', price: euros(1_000) },
      ],
      adults,
    );
    const decision = when(stateWith([adults], [mixed]), change({ t2: 1 }));
    expect(decision.outcomes).toMatchObject([{ booking: { voucher: null } }]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 0 } }]);
  });

  it('gets a voucher that the change names, on all its tickets, at the prices that it had', () => {
    const plain = holdOf([{ count: 2, price: euros(1_800) }], null);
    const decision = when(stateWith([HALF], [plain]), change({ t1: 2 }, code));
    expect(linesOf(decision.outcomes[0])).toEqual([['t1', 2, 900, 900]]);
    expect(decision.outcomes).toMatchObject([{ booking: { voucher: { id: 'v1' } } }]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 2 } }]);
  });

  it('exchanges its voucher for the one that the change names: the uses of the first come back', () => {
    const third = voucher({ id: 'v2', code: 'THIRD', key: 'TH1RD', percentOff: 30, maxTickets: 2 });
    const decision = when(stateWith([byHalf, third], [hold]), change({ t1: 2 }, 'Third'));
    expect(linesOf(decision.outcomes[0])).toEqual([['t1', 2, 1_260, 540]]);
    expect(decision.changedVouchers).toMatchObject([
      { voucher: { id: 'v1', held: 0 } },
      { voucher: { id: 'v2', held: 2 } },
    ]);
  });

  it('loses with its voucher the hidden types that the other one does not open', () => {
    const key = voucher({ opens: ['t3'], held: 1 });
    const half = voucher({ id: 'v2', code: 'HALF', key: 'HA1F', percentOff: 50 });
    const vip = holdOf([{ type: 't3', price: euros(5_000), discount: 0 }], key);
    const state = stateWith([key, half], [vip]);
    expect(when(state, change({ t3: 1 }, 'HALF')).outcomes).toMatchObject([{ error: { code: 'INVALID_INPUT' } }]);
    expect(when(state, change({ t1: 1 }, 'HALF')).changedVouchers).toMatchObject([
      { voucher: { id: 'v1', held: 0 } },
      { voucher: { id: 'v2', held: 1 } },
    ]);
    expect(when(state, change({ t3: 2 })).outcomes).toMatchObject([{ ok: true }]);
  });

  it('changes nothing by the same tickets and its own voucher, and is refused by an unknown one', () => {
    const state = stateWith([byHalf], [hold]);
    expect(when(state, change({ t1: 2 }, code))).toMatchObject({ changedBookings: [], outcomes: [{ ok: true }] });
    expect(when(state, change({ t1: 2 }, 'nonsense')).outcomes).toMatchObject([invalid('unknown')]);
    const plain = holdOf([{ count: 2 }], null);
    expect(when(stateWith([], [plain]), change({ t1: 2 }, 'nonsense')).outcomes).toMatchObject([invalid('unknown')]);
  });

  it('may cost nothing by its voucher, and is confirmed by its buyer then', () => {
    const free = voucher({ percentOff: 100 });
    const plain = holdOf([{ count: 2 }], null);
    const confirm = { type: 'confirm', bookingId: plain.id, actor: idOf('alice') } as const;
    const decision = when(stateWith([free], [plain]), change({ t1: 2 }, code), confirm);
    expect(decision.outcomes).toMatchObject([{ booking: { status: 'held' } }, { booking: { status: 'confirmed' } }]);
    expect(decision.changedVouchers).toMatchObject([{ voucher: { held: 0, used: 2 } }]);
  });

  it('cancels its open checkout first only for a voucher that can be used', () => {
    const plain = holdOf([{ count: 2 }], null);
    const state = paying(stateWith([HALF], [plain]), plain);
    const retract = (named: string) =>
      when(state, {
        type: 'cancelCheckout',
        bookingId: plain.id,
        change: { tickets: ticketsBy({ t1: 2 }), voucher: named },
      });
    expect(retract('nonsense')).toMatchObject({ outcomes: [invalid('unknown')], changedAttempts: [] });
    expect(retract(code).outcomes).toMatchObject([
      { ok: true, attempt: { id: attemptOf(plain).id, status: 'cancelling' } },
    ]);
  });
});

describe('a voucher in a currency whose amounts the provider charges in steps', () => {
  const dinars = (amount: number) => ({ amount, currency: 'KWD' });
  const types = [{ price: dinars(5_120) }, { price: dinars(3_250) }];
  const sixth = voucher({ percentOff: 15 });
  const loaded = { byId: new Map([[sixth.id, sixth]]), ticketsByUser: new Map() };
  const state = { ...stateOf({ ticketTypes: types }, [], 20), vouchers: loaded };
  const command = book('alice', { t1: 1, t2: 2 }, { voucher: code });

  it('takes more off each ticket, so that each can be charged and refunded', () => {
    expect(linesOf(decide(state, [command], NOW, 'stripe').outcomes[0])).toEqual([
      ['t1', 1, 4_350, 770],
      ['t2', 2, 2_760, 490],
    ]);
  });

  it('takes the exact discount off where the provider charges any amount', () => {
    const exact = [
      ['t1', 1, 4_352, 768],
      ['t2', 2, 2_762, 488],
    ];
    expect(linesOf(decide(state, [command], NOW, 'demo').outcomes[0])).toEqual(exact);
    expect(linesOf(decide(state, [command], NOW).outcomes[0])).toEqual(exact);
  });
});
