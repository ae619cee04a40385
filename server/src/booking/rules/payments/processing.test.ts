import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { attemptOf, held, minutes, NOW, openCheckout, paying, stateOf } from '../decide.fixture.ts';
import type { Attempt } from './attempt.ts';

const HOLD = held('alice', 2, minutes(8));
const ABOUT = { bookingId: HOLD.id, paymentId: attemptOf(HOLD).id };
const stateWith = (more: Partial<Attempt> = {}) => paying(stateOf({}, [HOLD]), HOLD, more);

function note(processing: boolean, more: Partial<Attempt> = {}) {
  const { outcomes, ledgerEntries } = decide(stateWith(more), [{ type: 'noteProcessing', ...ABOUT, processing }], NOW);
  return { outcome: outcomes[0], kinds: ledgerEntries.map(({ kind }) => kind) };
}

describe('a payment that is under way', () => {
  it('shows on its booking, once', () => {
    const { outcome, kinds } = note(true);
    expect(outcome).toMatchObject({ booking: { status: 'held', payment: { status: 'pending', processing: true } } });
    expect(kinds).toEqual(['paying']);
    expect(note(true, { processing: true })).toMatchObject({ outcome: { repeated: true }, kinds: [] });
  });

  it('shows no longer once its checkout is open again, ended or paid', () => {
    const open = note(false, { processing: true }).outcome;
    expect(open).toMatchObject({ booking: { payment: { status: 'pending' } } });
    const ended = decide(stateWith({ processing: true }), [{ type: 'endCheckout', ...ABOUT }], NOW).outcomes[0];
    const charged = { charge: 'ch', amount: attemptOf(HOLD).amount };
    const paid = decide(stateWith({ processing: true }), [{ type: 'settle', ...ABOUT, ...charged }], NOW).outcomes[0];
    expect(ended).toMatchObject({ booking: { payment: { status: 'failed' } } });
    expect(paid).toMatchObject({ booking: { status: 'confirmed', payment: { status: 'succeeded' } } });
    for (const outcome of [open, ended, paid]) {
      const booking = outcome && 'booking' in outcome ? outcome.booking : null;
      expect(booking?.payment).not.toHaveProperty('processing');
    }
  });

  it('cannot be begun once more', () => {
    expect(decide(stateWith({ processing: true }), [openCheckout(HOLD)], NOW).outcomes[0]).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'held', payment: 'processing' } },
    });
  });

  it('is not noted on an attempt that has ended', () => {
    expect(note(true, { status: 'ended' })).toMatchObject({ outcome: { repeated: true }, kinds: [] });
  });
});
