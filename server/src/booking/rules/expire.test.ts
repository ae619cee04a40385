import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { held, idOf, minutes, NOW, paying, stateOf } from './decide.fixture.ts';
import type { Attempt } from './payments/attempt.ts';
import type { BookingState } from './state/booking-state.ts';

const seconds = (count: number) => new Date(NOW.getTime() + count * 1_000);

function expire(hold: BookingState, attempt: Partial<Attempt> | null = null, bookingId = hold.id) {
  const state = stateOf({}, [hold]);
  const { outcomes, ledgerEntries, changedAttempts, jobs } = decide(
    attempt ? paying(state, hold, attempt) : state,
    [{ type: 'expire', bookingId }],
    NOW,
  );
  const entries = ledgerEntries.map(({ kind, actor, held: seats }) => ({ kind, actor, held: seats }));
  return { outcome: outcomes[0], entries, attempts: changedAttempts.map((c) => c.attempt), jobs };
}

describe('the end of a hold', () => {
  it('frees the seats at the moment the hold ends', () => {
    const { outcome, entries } = expire(held('alice', 2, NOW));
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'expired', ended: { by: 'time', at: NOW } } });
    expect(entries).toEqual([{ kind: 'expired', actor: 'system', held: -2 }]);
  });

  it('changes nothing before the hold ends', () => {
    const { outcome, entries } = expire(held('alice', 2, seconds(0.001)));
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'held' } });
    expect(entries).toEqual([]);
  });

  it('is refused for a booking that does not exist', () => {
    expect(expire(held('alice', 2, NOW), null, idOf('none')).outcome).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it.each(['ended', 'paid'] as const)('does not wait for a checkout that is %s', (status) => {
    expect(expire(held('alice', 2, NOW), { status }).outcome).toMatchObject({ booking: { status: 'expired' } });
  });

  it('waits for a checkout that can still be paid, and starts to cancel it', () => {
    const { outcome, entries, attempts, jobs } = expire(held('alice', 2, NOW), { status: 'open' });
    expect(outcome).toMatchObject({
      ok: true,
      booking: { status: 'held', settling: true, payment: { status: 'pending' } },
    });
    expect(entries).toEqual([{ kind: 'settling', actor: 'system', held: 0 }]);
    expect(attempts).toMatchObject([{ status: 'cancelling', cancellingSince: NOW }]);
    expect(jobs).toMatchObject([{ kind: 'cancel-checkout' }]);
  });

  it.each<[string, Date, Date, string]>([
    ['59.999 s after the cancellation of its checkout began', seconds(-90), seconds(-59.999), 'held'],
    ['60 s after the cancellation of its checkout began', seconds(-90), seconds(-60), 'expired'],
    [
      '59.999 s after its end, if the cancellation of its checkout began before',
      seconds(-59.999),
      seconds(-90),
      'held',
    ],
    ['60 s after its end, if the cancellation of its checkout began before', seconds(-60), seconds(-90), 'expired'],
  ])('of a settling hold, %s', (_, until, cancellingSince, status) => {
    const settling = { ...held('alice', 2, until), settling: true } as BookingState;
    const { outcome, attempts } = expire(settling, { status: 'cancelling', cancellingSince });
    expect(outcome).toMatchObject({ ok: true, booking: { status } });
    expect(attempts).toEqual([]);
  });

  it('waits a minute from the end of the hold if its checkout was already being cancelled for another reason', () => {
    const hold = held('alice', 2, minutes(-5));
    const { outcome } = expire(hold, { status: 'cancelling', cancellingSince: minutes(-10) });
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'held', settling: true } });
  });
});
