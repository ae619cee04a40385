import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { attemptOf, held, minutes, NOW, openCheckout, paying, stateOf } from '../decide.fixture.ts';
import type { Attempt } from './attempt.ts';

const HOLD = held('alice', 2, minutes(8));

function told(at: Date, more: Partial<Attempt> = {}) {
  const command = { type: 'declineCard', bookingId: HOLD.id, paymentId: attemptOf(HOLD).id, at } as const;
  const { outcomes, changedAttempts, ledgerEntries } = decide(paying(stateOf({}, [HOLD]), HOLD, more), [command], NOW);
  return { outcome: outcomes[0], attempt: changedAttempts[0]?.attempt, kinds: ledgerEntries.map(({ kind }) => kind) };
}

describe('a declined card', () => {
  it('is remembered by when the provider refused it', () => {
    const { attempt, kinds } = told(minutes(-1));
    expect(attempt).toMatchObject({ status: 'open', declined: true, declinedAt: minutes(-1) });
    expect(kinds).toEqual(['declined']);
  });

  it('[F15] that is told again, or after a later one, changes nothing, though the buyer is paying again', () => {
    for (const at of [minutes(-1), minutes(-2)]) {
      const { outcome, attempt, kinds } = told(at, { declined: false, declinedAt: minutes(-1) });
      expect(outcome).toMatchObject({ ok: true, repeated: true });
      expect([attempt, kinds]).toEqual([undefined, []]);
    }
  });

  it('is another one where it comes later', () => {
    expect(told(NOW, { declinedAt: minutes(-1) }).attempt).toMatchObject({ declined: true, declinedAt: NOW });
  });

  it('is forgotten by the next click, and the time of it is not', () => {
    const state = paying(stateOf({}, [HOLD]), HOLD, { declined: true, declinedAt: minutes(-1) });
    const { changedAttempts } = decide(state, [openCheckout(HOLD)], NOW);
    expect(changedAttempts[0]?.attempt).toMatchObject({ declined: false, declinedAt: minutes(-1) });
  });
});
