import { describe, expect, it } from 'vitest';
import type { Command } from '../command.ts';
import { decide } from '../decide.ts';
import { cancel, NOW } from '../decide.fixture.ts';
import type { BatchState } from '../state/event-state.ts';
import type { ListedReversal } from './command.ts';
import { BOUGHT, orderedRefund, paidWith, PAYMENT } from './refund.fixture.ts';

const byHand = (amount: number, more: Partial<ListedReversal> = {}): ListedReversal => ({
  reference: 're_hand',
  kind: 'refund',
  key: null,
  amount,
  status: 'done',
  ...more,
});

const note = (...reversals: ListedReversal[]): Command => ({
  type: 'noteReversals',
  bookingId: BOUGHT.id,
  paymentId: PAYMENT,
  reversals,
});

function run(state: BatchState, ...commands: Command[]) {
  const { outcomes, changedAttempts, jobs } = decide(state, commands, NOW);
  const refunds = changedAttempts[0]?.attempt.refunds.map(({ status, amount, cause }) => [status, amount, cause]);
  return { outcome: outcomes.at(-1), refunds, jobs: jobs.map(({ key }) => key) };
}

describe('what a provider lists of a charge', () => {
  it('becomes a refund of the payment, once, and notifies the buyer', () => {
    const { outcome, refunds, jobs } = run(paidWith(), note(byHand(500)), note(byHand(500)));
    expect(refunds).toEqual([['done', 500, 'provider']]);
    expect(jobs).toEqual([`tell-money:refunded:${PAYMENT}.1`]);
    expect(outcome).toMatchObject({ ok: true, repeated: true, booking: { payment: { refundedAmount: 500 } } });
  });

  it('does not change a refund of this server if the sum of both is at most the amount paid', () => {
    expect(run(paidWith([orderedRefund(3_000)]), note(byHand(1_000))).refunds).toEqual([
      ['ordered', 3_000, 'organiser'],
      ['done', 1_000, 'provider'],
    ]);
  });

  it('cuts the refund decided last to what is left, and sends it under a new key', () => {
    const first = orderedRefund(1_000);
    const second = orderedRefund(3_000, { key: `${PAYMENT}.2` });
    const { refunds, jobs } = run(paidWith([first, second]), note(byHand(700)));
    expect(refunds?.map(([, amount]) => amount)).toEqual([1_000, 2_300, 700]);
    expect(jobs).toContain(`refund:${PAYMENT}.2:2`);
  });

  it('cuts no refund that the provider has made already', () => {
    const made = byHand(3_000, { reference: 're_own', key: `${PAYMENT}.1:1` });
    expect(run(paidWith([orderedRefund(3_000)]), note(made, byHand(1_000))).refunds).toEqual([
      ['ordered', 3_000, 'organiser'],
      ['done', 1_000, 'provider'],
    ]);
  });

  it('makes a refused refund void once everything went back by hand', () => {
    const refused = orderedRefund(4_000, { status: 'refused', error: 'No' });
    expect(run(paidWith([refused]), note(byHand(4_000))).refunds).toEqual([
      ['void', 0, 'organiser'],
      ['done', 4_000, 'provider'],
    ]);
  });

  it('proves a refused refund to be done', () => {
    const refused = orderedRefund(4_000, { status: 'refused', error: 'No' });
    const made = byHand(4_000, { reference: 're_own', key: `${PAYMENT}.1:1` });
    expect(run(paidWith([refused]), note(made)).refunds).toEqual([['done', 4_000, 'organiser']]);
  });

  it('ignores a refund by hand that failed before it was known', () => {
    expect(run(paidWith(), note(byHand(500, { status: 'failed' }))).outcome).toMatchObject({ repeated: true });
  });

  it('of a lost dispute after a full refund takes nothing below zero from later refunds', () => {
    const done = orderedRefund(4_000, { status: 'done', reference: 're_own' });
    const lost = byHand(4_000, { reference: 'du', kind: 'dispute' });
    const { outcome } = run(paidWith([done]), note(lost), cancel(BOUGHT));
    expect(outcome).toMatchObject({ ok: true, booking: { status: 'cancelled', payment: { refundedAmount: 8_000 } } });
  });
});

describe('a dispute', () => {
  const open = byHand(4_000, { reference: 'du', kind: 'dispute', status: 'pending' });

  it('holds the money until it is decided, without showing a refund', () => {
    expect(run(paidWith(), note(open)).outcome).toMatchObject({
      booking: { payment: { status: 'succeeded', refundedAmount: 0, disputed: true } },
    });
  });

  it('that is won leaves the booking paid', () => {
    const { refunds, outcome } = run(paidWith(), note(open), note({ ...open, status: 'failed' }));
    expect(refunds).toEqual([['void', 0, 'dispute']]);
    expect(outcome).toMatchObject({ booking: { payment: { status: 'succeeded' } } });
  });

  it('that is won after some seats were cancelled leads to the refund of their price', () => {
    const part = { ...cancel(BOUGHT), seats: 1 };
    const { refunds } = run(paidWith(), note(open), part, note({ ...open, status: 'failed' }));
    expect(refunds).toEqual([
      ['void', 0, 'dispute'],
      ['ordered', 2_000, 'cancelled'],
    ]);
  });
});
