import { describe, expect, it } from 'vitest';
import { attemptOf, held, NOW } from '../decide.fixture.ts';
import type { Attempt, PaymentFacts, Refund } from './attempt.ts';
import { buyingAttempt, isSamePayment, keptAmount, liveAttempt, paymentFactsOf, refundRequestKey } from './attempt.ts';

const EUR = 'EUR';

/** A payment attempt over 20.00 EUR, open unless `more` says otherwise. */
const attempt = (more: Partial<Attempt> = {}) => attemptOf(held('alice', 1, NOW), more);

function refund(amount: number, status: Refund['status']): Refund {
  const none = { reason: null, requestId: null, reference: null, error: null, doneAt: null };
  return { key: 'payment-1', amount, cause: 'organiser', actor: 'admin', status, tries: 0, at: new Date(0), ...none };
}

const paid = (more: Partial<Attempt> = {}) => attempt({ status: 'paid', bought: true, ...more });

describe('the attempts of a booking', () => {
  it.each(['open', 'cancelling'] as const)('can still be paid by one that is %s', (status) => {
    const live = attempt({ id: 'live', status });
    expect(liveAttempt([attempt({ status: 'ended' }), paid(), live])).toBe(live);
  });

  it('cannot be paid any more when each has ended or was paid', () => {
    expect(liveAttempt([attempt({ status: 'ended' }), paid()])).toBeUndefined();
  });

  it('include the one whose payment bought the booking, if any did', () => {
    const bought = paid({ id: 'bought' });
    expect(buyingAttempt([attempt(), paid({ bought: false }), bought])).toBe(bought);
    expect(buyingAttempt([attempt(), paid({ bought: false })])).toBeUndefined();
  });
});

describe('the amount that is kept of a payment', () => {
  it('is the paid amount less every refund, pending and refused ones included', () => {
    const refunds = [refund(300, 'done'), refund(200, 'pending'), refund(100, 'refused')];
    expect(keptAmount(paid({ refunds }))).toBe(1_400);
  });

  it('is zero before a payment', () => {
    expect(keptAmount(attempt())).toBe(0);
  });
});

describe('the payment that a booking shows', () => {
  it('is none without an attempt', () => {
    expect(paymentFactsOf([])).toBeNull();
  });

  it('is that of the attempt that bought it, rather than of later ones', () => {
    const late = paid({ bought: false, paid: { amount: 900, currency: EUR } });
    expect(paymentFactsOf([paid(), late, attempt()])).toEqual({
      status: 'succeeded',
      provider: 'demo',
      amount: 2_000,
      refundedAmount: 0,
      currency: EUR,
    });
  });

  it('is the last paid one if none bought it, rather than later unpaid ones', () => {
    const first = paid({ bought: false, paid: { amount: 100, currency: EUR } });
    const last = paid({ bought: false, paid: { amount: 200, currency: EUR } });
    expect(paymentFactsOf([first, last, attempt()])).toMatchObject({ amount: 200 });
  });

  it('is the last attempt if none was paid', () => {
    const other = attempt({ amount: { amount: 4_000, currency: 'USD' } });
    expect(paymentFactsOf([attempt(), other])).toMatchObject({ status: 'pending', amount: 4_000, currency: 'USD' });
  });

  it.each<[string, Attempt, PaymentFacts['status'], number]>([
    ['open', attempt(), 'pending', 0],
    ['open with a declined card', attempt({ declined: true }), 'failed', 0],
    ['being cancelled', attempt({ status: 'cancelling' }), 'pending', 0],
    ['ended', attempt({ status: 'ended' }), 'failed', 0],
    ['paid', paid(), 'succeeded', 0],
    ['paid with another amount than asked for', paid({ mismatch: true }), 'pending', 0],
    ['partly refunded', paid({ refunds: [refund(500, 'done')] }), 'succeeded', 500],
    ['refunded but for a cent', paid({ refunds: [refund(1_999, 'done')] }), 'succeeded', 1_999],
    [
      'refunded in full by two refunds',
      paid({ refunds: [refund(500, 'done'), refund(1_500, 'done')] }),
      'refunded',
      2_000,
    ],
    ['being refunded', paid({ refunds: [refund(2_000, 'pending')] }), 'refunding', 0],
    [
      'partly refunded, the rest refused',
      paid({ refunds: [refund(500, 'done'), refund(9, 'refused')] }),
      'refunding',
      500,
    ],
  ])('says of one that is %s', (_, shown, status, refundedAmount) => {
    expect(paymentFactsOf([shown])).toMatchObject({ status, refundedAmount });
  });
});

describe('two payments', () => {
  const facts: PaymentFacts = {
    status: 'succeeded',
    provider: 'demo',
    amount: 2_000,
    refundedAmount: 0,
    currency: EUR,
  };

  it('look the same to a buyer if their status and amounts are equal', () => {
    expect(isSamePayment(facts, { ...facts, provider: 'stripe' })).toBe(true);
    expect(isSamePayment(facts, { ...facts, status: 'refunding' })).toBe(false);
    expect(isSamePayment(facts, { ...facts, refundedAmount: 1 })).toBe(false);
    expect(isSamePayment(facts, { ...facts, amount: 1 })).toBe(false);
    expect(isSamePayment(facts, { ...facts, currency: 'USD' })).toBe(false);
  });

  it('look the same if both are missing, and differ if one is missing', () => {
    expect(isSamePayment(null, null)).toBe(true);
    expect(isSamePayment(facts, null)).toBe(false);
    expect(isSamePayment(null, facts)).toBe(false);
  });
});

it('the key of a refund request consists of organiser and request id', () => {
  expect(refundRequestKey('admin', 'r1')).toBe('admin:r1');
});
