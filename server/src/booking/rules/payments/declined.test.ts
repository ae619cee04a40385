import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { attemptOf, held, minutes, NOW, openCheckout, paying, stateOf } from '../decide.fixture.ts';
import type { Attempt } from './attempt.ts';

const HOLD = held('alice', 2, minutes(8));

function decline(at: Date, more: Partial<Attempt> = {}) {
  const command = { type: 'declineCard', bookingId: HOLD.id, paymentId: attemptOf(HOLD).id, at } as const;
  const { outcomes, changedAttempts, ledgerEntries } = decide(paying(stateOf({}, [HOLD]), HOLD, more), [command], NOW);
  return { outcome: outcomes[0], attempt: changedAttempts[0]?.attempt, kinds: ledgerEntries.map(({ kind }) => kind) };
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
