import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import type { EventSettings } from '#shared/event.ts';
import { attemptOf, booked, held, minutes, NOW, openCheckout, paying, stateOf } from '../decide.fixture.ts';
import type { Attempt } from './attempt.ts';

const HOLD = held('alice', 2, minutes(8));

function decline(at: Date, more: Partial<Attempt> = {}, hold = HOLD, settings: Partial<EventSettings> = {}) {
  const command = { type: 'declineCard', bookingId: hold.id, paymentId: attemptOf(hold).id, at } as const;
  const state = paying(stateOf(settings, [hold]), hold, more);
  const { outcomes, changedAttempts, changedBookings, ledgerEntries } = decide(state, [command], NOW);
  const [changed] = changedBookings;
  return {
    outcome: outcomes[0],
    attempt: changedAttempts[0]?.attempt,
    until: changed?.booking.status === 'held' ? changed.booking.holdExpiresAt : undefined,
    kinds: ledgerEntries.map(({ kind }) => kind),
  };
}

describe('a declined card', () => {
  it('is recorded with the time at which the provider declined it', () => {
    const { attempt, kinds } = decline(minutes(-1));
    expect(attempt).toMatchObject({ status: 'open', declined: true, declinedAt: minutes(-1) });
    expect(kinds).toEqual(['declined']);
  });

  it('[F15] reported again, or after a later one, changes nothing, though the buyer is paying again', () => {
    for (const at of [minutes(-1), minutes(-2)]) {
      const { outcome, attempt, kinds } = decline(at, { declined: false, declinedAt: minutes(-1) });
      expect(outcome).toMatchObject({ ok: true, repeated: true });
      expect([attempt, kinds]).toEqual([undefined, []]);
    }
  });

  it('is recorded again if it was declined later', () => {
    expect(decline(NOW, { declinedAt: minutes(-1) }).attempt).toMatchObject({ declined: true, declinedAt: NOW });
  });

  it('is cleared by the next checkout, but its time is kept', () => {
    const state = paying(stateOf({}, [HOLD]), HOLD, { declined: true, declinedAt: minutes(-1) });
    const { changedAttempts } = decide(state, [openCheckout(HOLD)], NOW);
    expect(changedAttempts[0]?.attempt).toMatchObject({ declined: false, declinedAt: minutes(-1) });
  });
});

describe('a card declined in the last minutes of a hold', () => {
  it('gives it five more, once', () => {
    const last = held('alice', 2, minutes(5));
    const { until, attempt, kinds, outcome } = decline(NOW, {}, last);
    expect(until).toEqual(minutes(10));
    expect(attempt).toMatchObject({ declined: true, extended: true });
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'held', holdExpiresAt: minutes(10) } });
    expect(kinds).toEqual(['declined']);
    expect(decline(NOW, { extended: true }, last)).toMatchObject({ until: minutes(5), attempt: { extended: true } });
  });

  it('gives a hold nothing that has longer to live', () => {
    const early = held('alice', 2, new Date(minutes(5).getTime() + 1));
    const { until, attempt } = decline(NOW, {}, early);
    expect([until, attempt?.extended]).toEqual([new Date(minutes(5).getTime() + 1), false]);
  });

  it('counts from the time of the refusal, not of its report', () => {
    expect(decline(minutes(-2), {}, held('alice', 2, minutes(4))).until).toEqual(minutes(4));
  });

  it('gives a hold nothing that is over, or that settles', () => {
    expect(decline(minutes(-1), {}, held('alice', 2, minutes(-1))).until).not.toEqual(minutes(4));
    const settling = { ...held('alice', 2, minutes(2)), settling: true } as typeof HOLD;
    expect(decline(NOW, {}, settling).until).toEqual(minutes(2));
  });

  it('never keeps an offer beyond the end of the sale', () => {
    const offer = { ...held('alice', 2, minutes(3)), source: 'waitlist' } as typeof HOLD;
    expect(decline(NOW, {}, offer, { salesCloseAt: minutes(6) }).until).toEqual(minutes(6));
    expect(decline(NOW, {}, offer, { salesCloseAt: minutes(3) }).until).toEqual(minutes(3));
    expect(decline(NOW, {}, offer).until).toEqual(minutes(8));
    expect(decline(NOW, {}, held('alice', 2, minutes(3)), { salesCloseAt: minutes(6) }).until).toEqual(minutes(8));
  });

  it('changes nothing for a booking that is not held, and for an attempt that is not open', () => {
    const ended = decline(NOW, { status: 'ended' }, held('alice', 2, minutes(3)));
    expect(ended).toMatchObject({ outcome: { ok: true, repeated: true }, attempt: undefined, kinds: [] });
    const sold = decline(NOW, {}, booked('alice', 2));
    expect(sold).toMatchObject({ outcome: { ok: true, repeated: true }, attempt: undefined, kinds: [] });
  });

  it('is refused for a booking or an attempt that does not exist', () => {
    const command = { type: 'declineCard', bookingId: HOLD.id, paymentId: 'unknown', at: NOW } as const;
    const { outcomes } = decide(stateOf({}, [HOLD]), [command, { ...command, bookingId: 'unknown' }], NOW);
    expect(outcomes).toMatchObject([{ error: { code: 'NOT_FOUND' } }, { error: { code: 'NOT_FOUND' } }]);
  });
});
