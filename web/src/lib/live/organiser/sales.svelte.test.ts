import { expect, test } from 'vitest';
import type { EventStats, SalesFigures } from '#shared/organiser.ts';
import { anEvent, failure, FakeConnection, anAvailability } from '../fixtures.ts';
import { Sales } from './sales.svelte.ts';

const eventId = anEvent().id;

function figures(more: Partial<SalesFigures> = {}): SalesFigures {
  const refunds = { pending: 0, done: 0, failed: 0 };
  const revenue = { amount: 0, currency: 'EUR' };
  return { eventId, confirmed: 1, revenue, waiting: 0, checkedIn: 0, refunds, callingOff: null, ...more };
}

function stats(more: Partial<EventStats> = {}): EventStats {
  const { eventId: _, ...rest } = figures();
  return { availability: anAvailability(), ...rest, cancelled: 0, expired: 0, salesByHour: [], ...more };
}

function following() {
  const far = new FakeConnection();
  const waiting: (() => void)[] = [];
  far.answer = () => ({ ok: true, data: stats() });
  const sales = new Sales(far, eventId, { later: (callback) => (waiting.push(callback), () => void waiting.pop()) });
  return { far, sales, waiting, stop: sales.start() };
}

test('figures are shown as they are pushed, and the rest is asked for once, a moment later', async () => {
  const { far, sales, waiting } = following();
  await expect.poll(() => sales.stats?.confirmed).toBe(1);
  far.push('salesChanged', { changes: [figures({ confirmed: 2 })] });
  far.push('salesChanged', { changes: [figures({ confirmed: 3, eventId: 'f'.repeat(24) })] });
  far.push('salesChanged', { changes: [figures({ confirmed: 4 })] });
  expect([sales.stats?.confirmed, waiting.length, far.sent.length]).toEqual([4, 1, 1]);
  far.answer = () => ({ ok: true, data: stats({ confirmed: 4, cancelled: 7 }) });
  waiting.pop()?.();
  await expect.poll(() => sales.stats?.cancelled).toBe(7);
});

test('after a reconnect everything is asked for again; a refusal is said and leaves what is shown', async () => {
  const { far, sales } = following();
  await expect.poll(() => sales.stats?.confirmed).toBe(1);
  far.answer = () => failure('UNAVAILABLE');
  far.connect();
  await expect.poll(() => sales.hasFailed).toBe(true);
  expect(sales.stats?.confirmed).toBe(1);
});
