import { expect, test } from 'vitest';
import type { PaymentIssue } from '#shared/checkout.ts';
import { aBooking, failure, FakeConnection } from '../fixtures.ts';
import { PaymentIssues } from './payment-issues.svelte.ts';

const { id: bookingId, code, eventId } = aBooking();
const issue: PaymentIssue = {
  kind: 'refund',
  paymentId: 'c'.repeat(24),
  refundKey: 'c:1',
  bookingId,
  code,
  eventId,
  title: 'Jazz',
  provider: 'demo',
  amount: 2_000,
  currency: 'EUR',
  error: 'No such charge',
  since: '2026-10-01T12:00:00.000Z',
};

function following(event: string | null) {
  const far = new FakeConnection();
  const waiting: (() => void)[] = [];
  far.answer = ({ command }) =>
    command === 'retryPayment' ? { ok: true, data: {} } : { ok: true, data: { troubles: [issue] } };
  const issues = new PaymentIssues(far, event, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  issues.start();
  return { far, issues, waiting };
}

test('troubles are listed, and read again when money of this event may have moved', async () => {
  const { far, issues, waiting } = following(eventId);
  expect(issues.isKnown).toBe(false);
  await expect.poll(() => issues.all).toEqual([issue]);
  expect(issues.isKnown).toBe(true);
  far.push('salesChanged', { changes: [{ eventId: 'f'.repeat(24) }] });
  expect(waiting).toHaveLength(0);
  far.push('salesChanged', { changes: [{ eventId }] });
  far.push('salesChanged', { changes: [{ eventId }] });
  expect(waiting).toHaveLength(1);
  far.answer = () => ({ ok: true, data: { troubles: [] } });
  waiting.pop()?.();
  await expect.poll(() => issues.all).toEqual([]);
  expect(far.sent[0]?.input).toEqual({ eventId, limit: 100 });
});

test('one is tried again, and the list is read after that', async () => {
  const { far, issues } = following(null);
  await expect.poll(() => issues.all.length).toBe(1);
  expect(await issues.retry(issue)).toMatchObject({ ok: true });
  expect(far.sent.map(({ command }) => command)).toEqual([
    'listPaymentTroubles',
    'retryPayment',
    'listPaymentTroubles',
  ]);
  expect(far.sent[1]?.input).toEqual({ paymentId: issue.paymentId, refundKey: 'c:1' });
});

test('a refusal leaves the list as it was', async () => {
  const { far, issues } = following(null);
  await expect.poll(() => issues.all.length).toBe(1);
  far.answer = () => failure('INVALID_STATE');
  expect(await issues.retry(issue)).toMatchObject({ ok: false });
  expect(issues.all).toEqual([issue]);
});
