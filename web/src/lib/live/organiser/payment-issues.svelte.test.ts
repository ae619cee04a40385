import { expect, test } from 'vitest';
import type { PaymentIssue } from '#shared/checkout.ts';
import { aBooking, failure, FarEnd } from '../fixtures.ts';
import { Troubles } from './payment-issues.svelte.ts';

const { id: bookingId, code, eventId } = aBooking();
const trouble: PaymentIssue = {
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
  const far = new FarEnd();
  const waiting: (() => void)[] = [];
  far.answer = ({ command }) =>
    command === 'retryPayment' ? { ok: true, data: {} } : { ok: true, data: { troubles: [trouble] } };
  const troubles = new Troubles(far, event, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  troubles.start();
  return { far, troubles, waiting };
}

test('troubles are listed, and read again when money of this event may have moved', async () => {
  const { far, troubles, waiting } = following(eventId);
  expect(troubles.isKnown).toBe(false);
  await expect.poll(() => troubles.all).toEqual([trouble]);
  expect(troubles.isKnown).toBe(true);
  far.push('salesChanged', { changes: [{ eventId: 'f'.repeat(24) }] });
  expect(waiting).toHaveLength(0);
  far.push('salesChanged', { changes: [{ eventId }] });
  far.push('salesChanged', { changes: [{ eventId }] });
  expect(waiting).toHaveLength(1);
  far.answer = () => ({ ok: true, data: { troubles: [] } });
  waiting.pop()?.();
  await expect.poll(() => troubles.all).toEqual([]);
  expect(far.sent[0]?.input).toEqual({ eventId, limit: 100 });
});

test('one is tried again, and the list is read after that', async () => {
  const { far, troubles } = following(null);
  await expect.poll(() => troubles.all.length).toBe(1);
  expect(await troubles.retry(trouble)).toMatchObject({ ok: true });
  expect(far.sent.map(({ command }) => command)).toEqual([
    'listPaymentTroubles',
    'retryPayment',
    'listPaymentTroubles',
  ]);
  expect(far.sent[1]?.input).toEqual({ paymentId: trouble.paymentId, refundKey: 'c:1' });
});

test('a refusal leaves the list as it was', async () => {
  const { far, troubles } = following(null);
  await expect.poll(() => troubles.all.length).toBe(1);
  far.answer = () => failure('INVALID_STATE');
  expect(await troubles.retry(trouble)).toMatchObject({ ok: false });
  expect(troubles.all).toEqual([trouble]);
});
