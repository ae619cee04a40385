import { expect, it } from 'vitest';
import { booked, held, idOf, minutes } from '../decide.fixture.ts';
import type { BookingState } from '../state/booking-state.ts';
import { voucher } from './voucher.fixture.ts';
import { ticketsKey } from './voucher-state.ts';
import { VouchersDraft } from './vouchers-draft.ts';

const FIVE = voucher({ maxTickets: 5, held: 2, used: 1 });
const ALICE = idOf('alice');
const BY_VOUCHER = { voucher: { id: FIVE.id, code: FIVE.code } };

/** A hold of alice whose tickets count for the voucher. */
function hold(count: number): BookingState {
  const [line] = held('alice', count, minutes(5)).tickets;
  if (!line) throw new Error('A hold without tickets');
  return { ...held('alice', count, minutes(5)), ...BY_VOUCHER, tickets: [{ ...line, discount: 100 }] };
}

const confirmed = (booking: BookingState) => ({ ...booking, status: 'confirmed' as const });
const expired = (booking: BookingState) =>
  ({
    ...booking,
    status: 'expired',
    holdExpiresAt: minutes(5),
    ended: { by: 'time', reason: null, at: minutes(5) },
  }) as const;

function draftOf(tickets = 0): VouchersDraft {
  const ticketsByUser = new Map([[ticketsKey(FIVE.id, ALICE), tickets]]);
  return new VouchersDraft({ byId: new Map([[FIVE.id, FIVE]]), ticketsByUser });
}

it('a voucher is found by id and by key, with the uses of the batch', () => {
  const draft = draftOf();
  draft.countBooking(null, hold(2));
  expect(draft.find(FIVE.id)).toEqual({ ...FIVE, held: 4 });
  expect(draft.findByKey(FIVE.key)).toEqual({ ...FIVE, held: 4 });
  expect(draft.findByKey('0THER')).toBeUndefined();
});

it('uses go from held to used when a hold is confirmed, and come back once when it ends', () => {
  const draft = draftOf(2);
  draft.countBooking(hold(2), confirmed(hold(2)));
  expect(draft.find(FIVE.id)).toEqual({ ...FIVE, held: 0, used: 3 });
  const other = draftOf(2);
  other.countBooking(hold(2), expired(hold(2)));
  other.countBooking(expired(hold(2)), expired(hold(2)));
  expect(other.find(FIVE.id)).toEqual({ ...FIVE, held: 0 });
  expect(other.ticketsOf(FIVE.id, ALICE)).toBe(0);
});

it('the tickets that a user has by a voucher include those of the batch', () => {
  const draft = draftOf(1);
  draft.countBooking(null, hold(2));
  draft.countBooking(hold(2), confirmed(hold(1)));
  expect(draft.ticketsOf(FIVE.id, ALICE)).toBe(2);
  expect(draft.ticketsOf(FIVE.id, idOf('bob'))).toBe(0);
});

it('a voucher is written once, with the counts before; one whose counts are as before is not written', () => {
  const draft = draftOf();
  draft.countBooking(null, hold(1));
  draft.countBooking(hold(1), confirmed(hold(1)));
  expect(draft.changed()).toEqual([{ voucher: { ...FIVE, used: 2 }, before: FIVE }]);
  draft.countBooking(confirmed(hold(1)), expired(hold(1)));
  expect(draft.changed()).toEqual([]);
});

it('tickets that the voucher does not concern are no uses, nor are those of bookings without one', () => {
  const draft = draftOf();
  draft.countBooking(null, { ...booked('alice', 3), ...BY_VOUCHER });
  draft.countBooking(null, booked('bob', 3));
  expect(draft.changed()).toEqual([]);
});

it('a booking whose voucher was deleted by hand goes on without', () => {
  const draft = draftOf();
  draft.countBooking({ ...hold(1), voucher: { id: 'gone', code: 'GONE' } }, expired(hold(1)));
  expect(draft.changed()).toEqual([]);
});

it('counts are replaced by those of the bookings where they differ', () => {
  const draft = draftOf();
  draft.replace(new Map([[FIVE.id, { held: 2, used: 1 }]]));
  expect(draft.changed()).toEqual([]);
  draft.replace(new Map([[FIVE.id, { held: 0, used: 4 }]]));
  expect(draft.changed()).toEqual([{ voucher: { ...FIVE, held: 0, used: 4 }, before: FIVE }]);
});
