import { describe, expect, it } from 'vitest';
import type { Command } from '../command.ts';
import { decide } from '../decide.ts';
import { cancel, EVENT_ID, idOf, NOW, paying, stateOf } from '../decide.fixture.ts';
import type { BatchState } from '../state/event-state.ts';
import type { Refund } from './attempt.ts';
import type { RefundPart, UpdateRefund } from './command.ts';
import { ADMIN, BOUGHT, orderedRefund, paidWith, PAYMENT } from './refund.fixture.ts';

const KEY = `${PAYMENT}.1`;
const ORDERED = orderedRefund(1_500, { requestId: 'first' });

function run(state: BatchState, ...commands: Command[]) {
  const { outcomes, changedAttempts, ledgerEntries, jobs } = decide(state, commands, NOW);
  return {
    outcomes,
    outcome: outcomes.at(-1),
    refunds: changedAttempts[0]?.attempt.refunds,
    entries: ledgerEntries.map(({ kind, actor, reason }) => ({ kind, actor, reason })),
    jobs,
  };
}

const part = (more: Partial<RefundPart> = {}): RefundPart => ({
  type: 'refundPart',
  bookingId: BOUGHT.id,
  actor: ADMIN,
  requestId: 'second',
  amount: 1_000,
  reason: 'Sorry',
  ...more,
});

describe('a refund by an organiser', () => {
  it('is added to the payment with a job that carries it out', () => {
    const { outcome, refunds, entries, jobs } = run(paidWith([ORDERED]), part());
    expect(outcome).toMatchObject({ ok: true, booking: { payment: { status: 'refunding' } } });
    const second = { key: `${PAYMENT}.2`, amount: 1_000, cause: 'organiser', reason: 'Sorry', actor: ADMIN };
    const fresh = {
      requestId: 'second',
      status: 'ordered',
      reference: null,
      error: null,
      tries: 1,
      at: NOW,
      doneAt: null,
    };
    expect(refunds).toEqual([ORDERED, { ...second, ...fresh }]);
    const payload = { eventId: EVENT_ID, paymentId: PAYMENT, refundKey: `${PAYMENT}.2`, tries: 1 };
    expect(jobs).toEqual([{ key: `refund:${PAYMENT}.2:1`, kind: 'refund', payload }]);
    expect(entries).toEqual([{ kind: 'refunding', actor: ADMIN, reason: 'Sorry' }]);
  });

  it('is recorded in the ledger if the payment looks different after it', () => {
    const { entries } = run(paidWith(), part());
    expect(entries).toEqual([{ kind: 'refunding', actor: ADMIN, reason: 'Sorry' }]);
  });

  it('can be as high as the amount that is kept, and not a cent higher', () => {
    expect(run(paidWith([ORDERED]), part({ amount: 2_500 })).outcome).toMatchObject({ ok: true });
    expect(run(paidWith([ORDERED]), part({ amount: 2_501 })).outcome).toMatchObject({
      error: { code: 'INVALID_STATE', details: { refundable: 2_500 } },
    });
  });

  it('changes nothing when it is requested again', () => {
    const again = part({ requestId: 'first', amount: 1_500, reason: 'Late start' });
    const { outcome, refunds, jobs } = run(paidWith([ORDERED]), again);
    expect(outcome).toMatchObject({ ok: true, booking: { id: BOUGHT.id } });
    expect([refunds, jobs]).toEqual([undefined, []]);
  });

  it('is made once when it is requested twice in one batch', () => {
    const { outcomes, refunds } = run(paidWith(), part(), part());
    expect(outcomes).toMatchObject([{ ok: true }, { ok: true }]);
    expect(refunds).toHaveLength(1);
  });

  it.each([{ amount: 1_499 }, { reason: 'Other' }, { bookingId: idOf('other') }])(
    'is refused under the request id of another one: %o',
    (other) => {
      const reused = part({ requestId: 'first', amount: 1_500, reason: 'Late start', ...other });
      expect(run(paidWith([ORDERED]), reused).outcome).toMatchObject({ error: { code: 'REQUEST_ID_REUSED' } });
    },
  );

  it('may have the request id of another organiser', () => {
    const other = part({ requestId: 'first', actor: idOf('other') });
    expect(run(paidWith([ORDERED]), other).outcome).toMatchObject({ ok: true });
  });

  it('is refused for a booking that does not exist, and for one that was not paid for', () => {
    expect(run(paidWith(), part({ bookingId: idOf('none') })).outcome).toMatchObject({ error: { code: 'NOT_FOUND' } });
    const free = run(stateOf({}, [BOUGHT]), part()).outcome;
    expect(free).toMatchObject({ error: { code: 'INVALID_STATE', details: { payment: null } } });
    const open = run(paying(stateOf({}, [BOUGHT]), BOUGHT), part()).outcome;
    expect(open).toMatchObject({ error: { code: 'INVALID_STATE', details: { payment: 'pending' } } });
  });
});

describe("the provider's answer about a refund", () => {
  const update = (more: Partial<UpdateRefund> = {}): UpdateRefund => ({
    type: 'updateRefund',
    bookingId: BOUGHT.id,
    paymentId: PAYMENT,
    refundKey: KEY,
    tries: 1,
    state: { status: 'done', reference: 're_1' },
    ...more,
  });

  it('that it is done is recorded, with the notification of the buyer', () => {
    const { outcome, refunds, entries, jobs } = run(paidWith([ORDERED]), update());
    expect(refunds).toEqual([{ ...ORDERED, status: 'done', reference: 're_1', doneAt: NOW }]);
    expect(outcome).toMatchObject({ ok: true, booking: { payment: { status: 'succeeded', refundedAmount: 1_500 } } });
    expect(entries).toEqual([{ kind: 'refunded', actor: 'system', reason: 'organiser' }]);
    const payload = { eventId: EVENT_ID, fact: 'refunded', paymentId: PAYMENT, refundKey: KEY };
    expect(jobs).toEqual([{ key: `tell-money:refunded:${KEY}`, kind: 'tell-money', payload }]);
  });

  it('that it is pending is recorded, without a notification', () => {
    const { refunds, jobs } = run(paidWith([ORDERED]), update({ state: { status: 'pending', reference: 're_1' } }));
    expect(refunds).toEqual([{ ...ORDERED, status: 'pending', reference: 're_1' }]);
    expect(jobs).toEqual([]);
  });

  it('that it is refused is recorded with the reason, without a notification', () => {
    const { refunds, jobs } = run(paidWith([ORDERED]), update({ state: { status: 'refused', reason: 'no balance' } }));
    expect(refunds).toEqual([{ ...ORDERED, status: 'refused', error: 'no balance' }]);
    expect(jobs).toEqual([]);
  });

  it.each<[string, Partial<Refund>, Partial<UpdateRefund>]>([
    ['is known', { status: 'pending', reference: 're_1' }, { state: { status: 'pending', reference: 're_1' } }],
    ['comes after it was done', { status: 'done' }, { state: { status: 'refused', reason: 'no' } }],
    ['is about an earlier attempt', { tries: 2 }, {}],
  ])('changes nothing if it %s', (_, stored, answer) => {
    const { outcome, refunds, entries } = run(paidWith([{ ...ORDERED, ...stored }]), update(answer));
    expect(outcome).toMatchObject({ ok: true, repeated: true });
    expect([refunds, entries]).toEqual([undefined, []]);
  });

  it('changes only the refund that it is about', () => {
    const other = { ...ORDERED, key: `${PAYMENT}.2`, requestId: null };
    const { refunds } = run(paidWith([ORDERED, other]), update());
    expect(refunds).toMatchObject([{ status: 'done' }, other]);
  });

  it('is refused about a booking, payment or refund that does not exist', () => {
    for (const wrong of [{ bookingId: idOf('none') }, { paymentId: idOf('none') }, { refundKey: 'none' }]) {
      expect(run(paidWith([ORDERED]), update(wrong)).outcome).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
  });
});

describe('trying a refund again', () => {
  const retry = {
    type: 'retryRefund',
    bookingId: BOUGHT.id,
    paymentId: PAYMENT,
    refundKey: KEY,
    actor: ADMIN,
  } as const;

  it('sends a refused refund again, under the next number', () => {
    const refused = { ...ORDERED, status: 'refused', error: 'no balance', reference: 're_1' } as const;
    const { refunds, jobs } = run(paidWith([refused]), retry);
    expect(refunds).toEqual([{ ...ORDERED, tries: 2 }]);
    const payload = { eventId: EVENT_ID, paymentId: PAYMENT, refundKey: KEY, tries: 2 };
    expect(jobs).toEqual([{ key: `refund:${KEY}:2`, kind: 'refund', payload }]);
  });

  it('changes nothing of a refund that was not refused', () => {
    const { outcome, refunds, jobs } = run(paidWith([ORDERED]), retry);
    expect(outcome).toMatchObject({ ok: true });
    expect([refunds, jobs]).toEqual([undefined, []]);
  });

  it('is refused if the refund, payment or booking does not exist', () => {
    for (const wrong of [{ bookingId: idOf('none') }, { paymentId: idOf('none') }, { refundKey: 'none' }]) {
      expect(run(paidWith([ORDERED]), { ...retry, ...wrong }).outcome).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
  });

  it('refunds all of a payment whose amount did not match, once', () => {
    const mismatch = paidWith([], { mismatch: true, bought: false, paid: { amount: 3_999, currency: 'EUR' } });
    const command = { ...retry, refundKey: null };
    const { refunds, entries, outcomes } = run(mismatch, command, command);
    expect(outcomes).toMatchObject([{ ok: true }, { ok: true }]);
    expect(refunds).toMatchObject([{ amount: 3_999, cause: 'mismatch', reason: null, actor: ADMIN, requestId: null }]);
    expect(entries).toEqual([{ kind: 'refunding', actor: ADMIN, reason: 'mismatch' }]);
  });

  it('without a refund is refused for a payment whose amount matched', () => {
    expect(run(paidWith(), { ...retry, refundKey: null }).outcome).toMatchObject({
      error: { code: 'INVALID_STATE', details: { payment: 'paid' } },
    });
  });
});

describe('cancelling a paid booking', () => {
  it('refunds the whole amount that is kept of the payment', () => {
    const { refunds } = run(paidWith([ORDERED]), cancel(BOUGHT, { reason: 'Ill' }));
    const asked = { amount: 2_500, cause: 'cancelled', reason: 'Ill', actor: BOUGHT.userId, requestId: null };
    expect(refunds?.[1]).toMatchObject(asked);
  });

  it('because its event was cancelled records the event as the cause', () => {
    const { refunds } = run(paidWith(), cancel(BOUGHT, { by: 'event', actor: ADMIN, reason: 'Storm' }));
    expect(refunds).toMatchObject([{ amount: 4_000, cause: 'event', reason: 'Storm', actor: ADMIN }]);
  });

  it('refunds nothing if nothing is kept, or nothing was paid', () => {
    expect(run(paidWith([{ ...ORDERED, amount: 4_000 }]), cancel(BOUGHT)).refunds).toBeUndefined();
    expect(run(stateOf({}, [BOUGHT]), cancel(BOUGHT)).jobs.map(({ kind }) => kind)).toEqual(['tell-bookings']);
  });
});

it('the notification jobs of bookings name the event', () => {
  const { jobs } = run(stateOf({}, [BOUGHT]), cancel(BOUGHT));
  expect(jobs).toMatchObject([{ payload: { eventId: EVENT_ID } }]);
});
