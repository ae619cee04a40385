import { describe, expect, it } from 'vitest';
import { booked, cancel, idOf, minutes, NOW, paying, stateOf } from '../decide.fixture.ts';
import { decide } from '../decide.ts';
import type { LineItem } from '../state/booking-state.ts';

const line = (type: string, count: number, amount: number, seats = 1): LineItem => ({
  type,
  count,
  price: { amount, currency: 'EUR' },
  seats,
});
const TYPES = [{}, { minPerBooking: 2 }, { seats: 0 }, { seats: 4 }];

/** A paid booking of an adult, two children and parking, of which these tickets are cancelled. */
function partOf(tickets: Record<string, number>, by: 'buyer' | 'organiser' = 'buyer') {
  const items = [line('t1', 1, 2_000), line('t2', 2, 1_250), line('t3', 1, 333, 0)];
  const booking = { ...booked('alice', 3), tickets: items };
  const state = paying(stateOf({ ticketTypes: TYPES }, [booking]), booking, { status: 'paid', bought: true });
  const counts = Object.entries(tickets).map(([type, count]) => ({ type, count }));
  const actor = by === 'buyer' ? booking.userId : idOf('admin');
  const decision = decide(state, [cancel(booking, { tickets: counts, by, actor })], NOW);
  const [refund] = decision.changedAttempts.flatMap(({ attempt }) => attempt.refunds);
  return { outcome: decision.outcomes[0], event: decision.event, refunded: refund?.amount ?? 0 };
}

describe('the cancellation of some tickets', () => {
  it.each([
    [{ t2: 2 }, 2_500, [1, 0, 1]],
    [{ t3: 1 }, 333, [1, 2, 0]],
    [{ t1: 1 }, 2_000, [0, 2, 1]],
    [{ t2: 2, t3: 1 }, 2_833, [1, 0, 0]],
  ])('of %o refunds what they cost', (tickets, amount, left) => {
    const { outcome, event, refunded } = partOf(tickets);
    expect(outcome).toMatchObject({ ok: true });
    expect(refunded).toBe(amount);
    expect(event.ticketTypes.map(({ sold }) => sold).slice(0, 3)).toEqual(left);
  });

  it('leaves no extra alone, and no fewer tickets of a type than its minimum, unless an organiser does it', () => {
    const alone = { t1: 1, t2: 2 };
    expect(partOf(alone).outcome).toMatchObject({
      error: { code: 'INVALID_STATE', details: { reason: 'extra_alone' } },
    });
    expect(partOf({ t2: 1 }).outcome).toMatchObject({
      error: { code: 'INVALID_STATE', details: { ticketType: 't2', minimum: 2 } },
    });
    expect(partOf(alone, 'organiser')).toMatchObject({
      outcome: { ok: true, booking: { status: 'confirmed', seats: 0, tickets: [{ type: 't3' }] } },
      refunded: 4_500,
    });
    expect(partOf({ t2: 1 }, 'organiser')).toMatchObject({ outcome: { ok: true }, refunded: 1_250 });
  });

  it('is refused for more tickets than there are, and all of them end the booking', () => {
    const details = {
      tickets: [
        { type: 't1', count: 1 },
        { type: 't2', count: 2 },
        { type: 't3', count: 1 },
      ],
    };
    expect(partOf({ t1: 2 }).outcome).toMatchObject({ error: { code: 'INVALID_STATE', details } });
    expect(partOf({ t4: 1 }).outcome).toMatchObject({ error: { code: 'INVALID_STATE', details } });
    expect(partOf({ t1: 1, t2: 2, t3: 1 })).toMatchObject({
      outcome: { ok: true, booking: { status: 'cancelled' } },
      refunded: 4_833,
    });
  });
});

it('a late payment of a type that is sold out by its limit is refunded', () => {
  const ended = { by: 'time', reason: null, at: minutes(-2) } as const;
  const late = booked('alice', 1, {
    status: 'expired',
    holdExpiresAt: minutes(-2),
    ended,
    price: { amount: 500, currency: 'EUR' },
  });
  const state = paying(stateOf({ ticketTypes: [{ limit: 1 }] }, [late, booked('bob', 1)]), late);
  const attempt = state.attempts.get(late.id)?.[0];
  const paid = { paymentId: attempt?.id ?? '', charge: 'c', amount: { amount: 500, currency: 'EUR' } };
  const { outcomes } = decide(state, [{ type: 'settle', bookingId: late.id, ...paid }], NOW);
  expect(outcomes[0]).toMatchObject({ ok: true, booking: { status: 'expired' }, attempt: { bought: false } });
});
