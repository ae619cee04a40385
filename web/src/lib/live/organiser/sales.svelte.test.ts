import { expect, test } from 'vitest';
import type { EventStats, SalesFigures } from '#shared/organiser.ts';
import { anEvent, failure, FakeConnection, anAvailability } from '../fixtures.ts';
import { Sales } from './sales.svelte.ts';

const eventId = anEvent().id;

function figures(more: Partial<SalesFigures> = {}): SalesFigures {
  const refunds = { pending: 0, done: 0, failed: 0 };
  const revenue = { amount: 0, currency: 'EUR' };
  const vouchers = { tickets: 0, discount: revenue };
  const others = { refunds, callingOff: null, byTicketType: [], vouchers };
  const nothing = { waiting: 0, reminders: 0, checkedIn: 0, ...others };
  return { eventId, confirmed: 1, revenue, ...nothing, ...more };
}

function stats(more: Partial<EventStats> = {}): EventStats {
  const { eventId: _, ...rest } = figures();
  const counts = { cancelled: 0, expired: 0, salesByHour: [] };
  return { availability: anAvailability(), ...rest, ...counts, ...more };
}

function following() {
  const connection = new FakeConnection();
  const waiting: (() => void)[] = [];
  connection.answer = () => ({ ok: true, data: stats() });
  const sales = new Sales(connection, eventId, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  return { connection, sales, waiting, stop: sales.start() };
}

test('pushed sales figures are shown at once, and the other figures are loaded once afterwards', async () => {
  const { connection, sales, waiting } = following();
  await expect.poll(() => sales.stats?.confirmed).toBe(1);
  connection.push('salesChanged', { changes: [figures({ confirmed: 2 })] });
  connection.push('salesChanged', { changes: [figures({ confirmed: 3, eventId: 'f'.repeat(24) })] });
  connection.push('salesChanged', { changes: [figures({ confirmed: 4 })] });
  expect([sales.stats?.confirmed, waiting.length, connection.sent.length]).toEqual([4, 1, 1]);
  connection.answer = () => ({ ok: true, data: stats({ confirmed: 4, cancelled: 7 }) });
  waiting.pop()?.();
  await expect.poll(() => sales.stats?.cancelled).toBe(7);
});

test('after a reconnect the sales figures are loaded; a refusal sets hasFailed and keeps them', async () => {
  const { connection, sales } = following();
  await expect.poll(() => sales.stats?.confirmed).toBe(1);
  connection.answer = () => failure('UNAVAILABLE');
  connection.connect();
  await expect.poll(() => sales.hasFailed).toBe(true);
  expect(sales.stats?.confirmed).toBe(1);
});
