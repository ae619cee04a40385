import { describe, expect, it } from 'vitest';
import type { CheckIn, Command } from '../command.ts';
import { booked, cancel, held, idOf, minutes, NOW, stateOf, when } from '../decide.fixture.ts';
import type { BookingState, PersonalTicketId } from '../state/booking-state.ts';
import type { RevokeTicket, ShareTicket } from './personal-command.ts';

const BOOKING = booked('alice', 3);
const ADMIN = idOf('admin');

const seat = (number: number, issue = 0, type = 't1'): PersonalTicketId => ({ type, number, issue });

function share(ticket: PersonalTicketId): ShareTicket {
  return { type: 'shareTicket', bookingId: BOOKING.id, actor: BOOKING.userId, ticket };
}

function revoke(ticket: PersonalTicketId): RevokeTicket {
  return { type: 'revokeTicket', bookingId: BOOKING.id, actor: BOOKING.userId, ticket };
}

/** Scans one seat's own ticket, or that of the whole booking. */
function scan(
  personal: PersonalTicketId | null,
  seats: number | null = null,
  requestId: string | null = null,
): CheckIn {
  const of = personal && { personal };
  return { type: 'checkIn', bookingId: BOOKING.id, actor: ADMIN, requestId, seats, ...of };
}

/** Decides the commands in one batch on this booking. */
function decided(commands: readonly Command[], booking: BookingState = BOOKING) {
  const { outcomes, changedBookings, ledgerEntries } = when(stateOf({}, [booking]), ...commands);
  const after = changedBookings[0]?.booking ?? booking;
  return { outcomes, after, kinds: ledgerEntries.map(({ kind }) => kind) };
}

const refusal = (details: Record<string, unknown>) => ({ ok: false, error: { code: 'INVALID_STATE', details } });

describe('one seat’s own ticket', () => {
  it('admits its seat once, and says at a second scan that it is inside', () => {
    const { outcomes, after, kinds } = decided([scan(seat(2)), scan(seat(2)), scan(seat(3))]);
    expect(outcomes).toMatchObject([
      { ok: true, booking: { checkedInSeats: 1 } },
      { ok: true, booking: { checkedInSeats: 1 }, repeated: true },
      { ok: true, booking: { checkedInSeats: 2 } },
    ]);
    expect(after).toMatchObject({
      checkedInAt: NOW,
      personalTickets: [
        { type: 't1', number: 2, checkedInAt: NOW },
        { type: 't1', number: 3, checkedInAt: NOW },
      ],
    });
    expect(kinds).toEqual(['checkedIn', 'checkedIn']);
  });

  it('is inside once the whole booking was scanned, and leaves the rest to it when scanned first', () => {
    const whole = decided([scan(null), scan(seat(1))]);
    expect(whole.outcomes).toMatchObject([{ booking: { checkedInSeats: 3 } }, { ok: true, repeated: true }]);
    const first = decided([scan(seat(1)), scan(null), scan(seat(2))]);
    expect(first.outcomes).toMatchObject([
      { booking: { checkedInSeats: 1 } },
      { booking: { checkedInSeats: 3 } },
      { repeated: true },
    ]);
  });

  it('that was sent is the last one that the ticket of the whole booking counts', () => {
    const { outcomes, after } = decided([share(seat(1)), share(seat(3)), scan(null, 1), scan(seat(1)), scan(null, 1)]);
    expect(outcomes.map((one) => 'repeated' in one && one.repeated)).toEqual([false, false, false, false, false]);
    expect(after.checkedInSeats).toBe(3);
    expect(after.personalTickets).toMatchObject([
      { number: 1, checkedInAt: NOW },
      { number: 3, checkedInAt: NOW },
    ]);
    const [, , again] = decided([share(seat(1)), scan(null, 2), scan(seat(1))]).outcomes;
    expect(again).toMatchObject({ ok: true, booking: { checkedInSeats: 3 } });
    expect(again).not.toHaveProperty('repeated');
  });

  it('that was never sent is inside when all seats without a sent ticket are', () => {
    const { outcomes } = decided([share(seat(3)), scan(null, 2), scan(seat(1)), scan(seat(3))]);
    expect(outcomes.slice(2)).toMatchObject([
      { ok: true, booking: { checkedInSeats: 2 }, repeated: true },
      { ok: true, booking: { checkedInSeats: 3 } },
    ]);
  });

  it('admits no more than one person', () => {
    expect(decided([scan(seat(1), 2)]).outcomes).toMatchObject([refusal({ seats: 1, checkedInSeats: 0 })]);
  });

  it('is void once revoked, for scans and for notes of sending; the next issue is valid', () => {
    const { outcomes, after, kinds } = decided([
      share(seat(2)),
      revoke(seat(2)),
      scan(seat(2)),
      share(seat(2)),
      revoke(seat(2)),
      scan(seat(2, 1)),
    ]);
    expect(outcomes).toMatchObject([
      { ok: true },
      { ok: true, booking: { personalTickets: [{ issue: 1, sharedAt: null }] } },
      refusal({ ticket: 'revoked' }),
      refusal({ ticket: 'revoked' }),
      { ok: true, repeated: true },
      { ok: true, booking: { checkedInSeats: 1 } },
    ]);
    expect(after.personalTickets).toMatchObject([{ number: 2, issue: 1, checkedInAt: NOW }]);
    expect(kinds).toEqual(['ticketShared', 'ticketRevoked', 'checkedIn']);
  });

  it('is neither sent nor revoked once it is inside', () => {
    const { outcomes } = decided([scan(seat(1)), revoke(seat(1)), share(seat(1)), revoke(seat(2, 4))]);
    expect(outcomes.slice(1)).toMatchObject([
      refusal({ ticket: 'checked_in' }),
      refusal({ ticket: 'checked_in' }),
      refusal({ issue: 0 }),
    ]);
  });

  it('ends with a partial cancellation from the highest number of its type on', () => {
    const types = [
      { type: 't1', count: 2, price: { amount: 0, currency: 'EUR' }, seats: 1 },
      { type: 't2', count: 2, price: { amount: 0, currency: 'EUR' }, seats: 2 },
      { type: 't3', count: 1, price: { amount: 0, currency: 'EUR' }, seats: 0 },
    ];
    const booking = booked('alice', 6, { tickets: types });
    const state = stateOf({ ticketTypes: [{}, { seats: 2 }, { seats: 0 }] }, [booking]);
    const part = cancel(booking, { tickets: [{ type: 't2', count: 1 }] });
    const sent = [share(seat(2)), share(seat(2, 0, 't2')), share(seat(4, 0, 't2'))];
    const { outcomes, changedBookings } = when(state, ...sent, part, scan(seat(3, 0, 't2')), scan(seat(1, 0, 't3')));
    expect(outcomes.slice(0, 4)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }, { ok: true }]);
    expect(outcomes.slice(4)).toMatchObject([refusal({ ticket: 'cancelled' }), refusal({ ticket: 'cancelled' })]);
    expect(changedBookings[0]?.booking.personalTickets).toMatchObject([
      { type: 't1', number: 2 },
      { type: 't2', number: 2 },
    ]);
  });

  it('is refused like its booking: held, cancelled, of a cancelled event, or with too many seats', () => {
    const commands = [scan(seat(1)), share(seat(1)), revoke(seat(1))];
    const hold = when(stateOf({}, [held('alice', 3, minutes(5))]), ...commands).outcomes;
    expect(hold).toMatchObject([1, 2, 3].map(() => refusal({ status: 'held' })));
    const off = when(stateOf({ status: 'cancelled' }, [BOOKING]), ...commands).outcomes;
    expect(off).toMatchObject([1, 2, 3].map(() => refusal({ event: 'cancelled' })));
    const large = when(stateOf({}, [booked('alice', 101)], 200), ...commands).outcomes;
    expect(large).toMatchObject([1, 2, 3].map(() => refusal({ most: 100 })));
  });

  it('repeats the outcome of the same scan, and refuses its request id for another seat', () => {
    const { outcomes, after } = decided([
      scan(seat(1), null, 'scan'),
      scan(seat(1), null, 'scan'),
      scan(seat(2), null, 'scan'),
      scan(null, null, 'scan'),
    ]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, false]);
    expect(outcomes[1]).not.toHaveProperty('repeated');
    expect(after.checkedInSeats).toBe(1);
  });
});
