import { describe, expect, it } from 'vitest';
import type { CheckIn } from './command.ts';
import { booked, cancel, idOf, stateOf, when } from './decide.fixture.ts';
import type { BookingState } from './state/booking-state.ts';

const BOOKING = booked('alice', 3);
const ONE_BACK = cancel(BOOKING, { requestId: 'part', seats: 1 });

function checkIn(more: Partial<CheckIn> = {}): CheckIn {
  return { type: 'checkIn', bookingId: BOOKING.id, actor: idOf('admin'), requestId: 'scan', seats: 1, ...more };
}

/** The booking after a command, as a later batch reads it. */
function after(command: typeof ONE_BACK | CheckIn): BookingState {
  const [changed] = when(stateOf({}, [BOOKING]), command).changedBookings;
  if (!changed) throw new Error('Nothing was changed');
  return changed.booking;
}

/** What a command does to a booking that an earlier batch changed, and how many bookings it changes. */
function later(booking: BookingState, command: typeof ONE_BACK | CheckIn, others: BookingState[] = []) {
  const { outcomes, changedBookings } = when(stateOf({}, [booking, ...others]), command);
  return { outcome: outcomes[0], changes: changedBookings.length };
}

describe.each([
  ['the return of one seat', ONE_BACK, { seats: 2 }],
  ['the check-in of one seat', checkIn(), { checkedInSeats: 1 }],
] as const)('%s', (_what, command, expected) => {
  it('sent twice in one batch is done once', () => {
    const { outcomes, changedBookings } = when(stateOf({}, [BOOKING]), command, command);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true]);
    expect(changedBookings.map(({ booking }) => booking)).toMatchObject([expected]);
  });

  it('repeated in a later batch changes nothing and returns the present booking', () => {
    const { outcome, changes } = later(after(command), command);
    expect(outcome).toMatchObject({ ok: true, booking: expected });
    expect(changes).toBe(0);
  });

  it('is done again under another request id', () => {
    expect(later(after(command), { ...command, requestId: 'another' })).toMatchObject({
      outcome: { ok: true },
      changes: 1,
    });
  });

  it('is done again without a request id', () => {
    const again = { ...command, requestId: null };
    expect(later(after(again), again)).toMatchObject({ outcome: { ok: true }, changes: 1 });
  });

  it('is refused under a request id that named another number of seats', () => {
    const { outcome, changes } = later(after(command), { ...command, seats: 2 });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'REQUEST_ID_REUSED' } });
    expect(changes).toBe(0);
  });

  it('is refused under a request id that named another booking', () => {
    const other = booked('bob', 3);
    const { outcome, changes } = later(after(command), { ...command, bookingId: other.id }, [other]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'REQUEST_ID_REUSED' } });
    expect(changes).toBe(0);
  });

  it('keeps the request ids of the booking’s earlier changes', () => {
    const first = after(command);
    const [second] = when(stateOf({}, [first]), { ...command, requestId: 'another' }).changedBookings;
    expect(second?.booking.changeRequests).toHaveLength(2);
    expect(later(second?.booking as BookingState, command).changes).toBe(0);
  });
});

it('a return of seats under a request id that gave another reason is refused', () => {
  const byOrganiser = { ...ONE_BACK, by: 'organiser', reason: 'Too loud' } as const;
  const { outcome } = later(after(byOrganiser), { ...byOrganiser, reason: 'Too late' });
  expect(outcome).toMatchObject({ ok: false, error: { code: 'REQUEST_ID_REUSED' } });
});

it('one request id may serve a return of seats and a check-in: they are different commands', () => {
  const booking = after(ONE_BACK);
  expect(later(booking, checkIn({ requestId: 'part' }))).toMatchObject({ outcome: { ok: true }, changes: 1 });
});
