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
  const connection = new FakeConnection();
  const waiting: (() => void)[] = [];
  connection.answer = ({ command }) =>
    command === 'retryPayment' || command === 'keepBooking'
      ? { ok: true, data: {} }
      : { ok: true, data: { troubles: [issue] } };
  const issues = new PaymentIssues(connection, event, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  issues.start();
  return { connection, issues, waiting };
}

test('payment issues are loaded, and again after sales of the event', async () => {
  const { connection, issues, waiting } = following(eventId);
  expect(issues.isKnown).toBe(false);
  await expect.poll(() => issues.all).toEqual([issue]);
  expect(issues.isKnown).toBe(true);
  connection.push('salesChanged', { changes: [{ eventId: 'f'.repeat(24) }] });
  expect(waiting).toHaveLength(0);
  connection.push('salesChanged', { changes: [{ eventId }] });
  connection.push('salesChanged', { changes: [{ eventId }] });
  expect(waiting).toHaveLength(1);
  connection.answer = () => ({ ok: true, data: { troubles: [] } });
  waiting.pop()?.();
  await expect.poll(() => issues.all).toEqual([]);
  expect(connection.sent[0]?.input).toEqual({ eventId, limit: 100 });
});

test('after the retry of a payment issue the list is loaded again', async () => {
  const { connection, issues } = following(null);
  await expect.poll(() => issues.all.length).toBe(1);
  expect(await issues.resolve(issue)).toMatchObject({ ok: true });
  expect(connection.sent.map(({ command }) => command)).toEqual([
    'listPaymentTroubles',
    'retryPayment',
    'listPaymentTroubles',
  ]);
  expect(connection.sent[1]?.input).toEqual({ paymentId: issue.paymentId, refundKey: 'c:1' });
});

test('a refused retry keeps the payment issues', async () => {
  const { connection, issues } = following(null);
  await expect.poll(() => issues.all.length).toBe(1);
  connection.answer = () => failure('INVALID_STATE');
  expect(await issues.resolve(issue)).toMatchObject({ ok: false });
  expect(issues.all).toEqual([issue]);
});

test('a refund by hand is resolved by keeping its booking', async () => {
  const { connection, issues } = following(null);
  await expect.poll(() => issues.all.length).toBe(1);
  await issues.resolve({ ...issue, kind: 'reversal' });
  expect(connection.sent[1]).toMatchObject({
    command: 'keepBooking',
    input: { paymentId: issue.paymentId, refundKey: 'c:1' },
  });
});
