import { describe, expect, it } from 'vitest';
import type { CheckIn } from './command.ts';
import { decide } from './decide.ts';
import { booked, cancel, held, idOf, minutes, NOW, stateOf } from './decide.fixture.ts';

const ADMIN = idOf('admin');

function checkIn(user: string, seats: number | null = null, requestId: string | null = null): CheckIn {
  return { type: 'checkIn', bookingId: idOf(`b-${user}`), actor: ADMIN, requestId, seats };
}

describe('a check-in', () => {
  it('admits all seats of a booking, once', () => {
    const { outcomes, ledgerEntries, event } = decide(
      stateOf({}, [booked('alice', 3)]),
      [checkIn('alice'), checkIn('alice')],
      NOW,
    );
    expect(outcomes).toMatchObject([
      { ok: true, booking: { checkedInSeats: 3, version: 2 } },
      { ok: true, booking: { checkedInSeats: 3, version: 2 }, repeated: true },
    ]);
    expect(ledgerEntries).toMatchObject([{ kind: 'checkedIn', available: 0, held: 0, sold: 0, actor: ADMIN }]);
    expect(event.counters).toMatchObject({ availableSeats: 7, soldSeats: 3 });
  });

  it('admits seats one after the other, never more than the booking has', () => {
    const state = stateOf({}, [booked('alice', 4)]);
    const { outcomes } = decide(state, [checkIn('alice', 1), checkIn('alice', 4), checkIn('alice')], NOW);
    expect(outcomes).toMatchObject([
      { ok: true, booking: { checkedInSeats: 1 } },
      { ok: false, error: { code: 'INVALID_STATE', details: { seats: 4, checkedInSeats: 1 } } },
      { ok: true, booking: { checkedInSeats: 4 } },
    ]);
  });

  it.each([
    ['held', held('alice', 2, minutes(5))],
    ['cancelled', booked('alice', 2, { status: 'cancelled', ended: { by: 'buyer', reason: null, at: NOW } })],
  ])('is refused for a booking that is %s', (status, booking) => {
    const { outcomes } = decide(stateOf({}, [booking]), [checkIn('alice')], NOW);
    expect(outcomes).toMatchObject([{ ok: false, error: { code: 'INVALID_STATE', details: { status } } }]);
  });

  it('is refused for a cancelled event and for an unknown booking', () => {
    const off = stateOf({ status: 'cancelled' }, [booked('alice', 2)]);
    expect(decide(off, [checkIn('alice'), checkIn('bob')], NOW).outcomes).toMatchObject([
      { ok: false, error: { code: 'INVALID_STATE', details: { event: 'cancelled' } } },
      { ok: false, error: { code: 'NOT_FOUND' } },
    ]);
  });

  it('prevents a later cancellation by buyer or organiser, and is prevented by an earlier one', () => {
    const state = stateOf({ price: { amount: 0, currency: 'EUR' } }, [booked('alice', 2), booked('bob', 2)]);
    const [alice, bob] = [booked('alice', 2), booked('bob', 2)];
    const commands = [
      checkIn('alice'),
      cancel(alice),
      cancel(alice, { by: 'organiser', seats: 1 }),
      cancel(bob),
      checkIn('bob'),
    ];
    expect(decide(state, commands, NOW).outcomes).toMatchObject([
      { ok: true },
      { ok: false, error: { code: 'INVALID_STATE', details: { checkedInSeats: 2 } } },
      { ok: false, error: { code: 'INVALID_STATE', details: { checkedInSeats: 2 } } },
      { ok: true, booking: { status: 'cancelled' } },
      { ok: false, error: { code: 'INVALID_STATE', details: { status: 'cancelled' } } },
    ]);
  });
});
