import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { Voucher } from '#shared/tickets/voucher.ts';
import { anEvent, aVoucher, failure, FakeConnection } from '../fixtures.ts';
import { Vouchers } from './vouchers.svelte.ts';

const eventId = anEvent().id;
const idOf = (digit: string) => digit.repeat(24);
const voucherOf = (digit: string, more: Partial<Voucher> = {}) =>
  aVoucher({ id: idOf(digit), code: `CODE-${digit}`, ...more });
const pageOf = (vouchers: Voucher[], total = vouchers.length) => ({
  ok: true as const,
  data: { vouchers, page: 1, limit: 20, total },
});

async function list() {
  const connection = new FakeConnection();
  const waiting: (() => void)[] = [];
  connection.answer = () => pageOf([voucherOf('1'), voucherOf('2')], 41);
  const vouchers = new Vouchers(connection, eventId, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  vouchers.start();
  await expect.poll(() => vouchers.shown).not.toBeNull();
  return { connection, vouchers, waiting };
}

const codesOf = ({ shown }: Vouchers) => shown?.rows.map(({ code }) => code);

test('vouchers are loaded by search and page number', async () => {
  const { connection, vouchers } = await list();
  await vouchers.show({ query: 'choir ', page: 3 });
  expect(connection.sent).toEqual([
    { command: 'listVouchers', input: { eventId, page: 1, limit: 20 } },
    { command: 'listVouchers', input: { eventId, page: 3, limit: 20, query: 'choir' } },
  ]);
  expect(vouchers.pages).toBe(3);
});

test('the use of shown vouchers follows each push about their event, at most once for all that wait', async () => {
  const { connection, vouchers, waiting } = await list();
  connection.answer = () => pageOf([voucherOf('1', { held: 1, used: 4 }), voucherOf('2')], 41);
  connection.push('availabilityChanged', { changes: [{ eventId }] });
  connection.push('salesChanged', { changes: [{ eventId }] });
  connection.push('eventChanged', anEvent());
  expect(waiting).toHaveLength(1);
  waiting.pop()?.();
  await expect.poll(() => vouchers.shown?.rows[0]).toMatchObject({ held: 1, used: 4 });
  connection.push('availabilityChanged', { changes: [{ eventId: idOf('f') }] });
  connection.push('eventChanged', anEvent({ id: idOf('f') }));
  expect(waiting).toHaveLength(0);
});

test('vouchers of another organiser are shown on request only, while the use of shown ones follows', async () => {
  const { connection, vouchers, waiting } = await list();
  connection.answer = () => pageOf([voucherOf('3'), voucherOf('1', { used: 2 })], 42);
  connection.push('salesChanged', { changes: [{ eventId }] });
  waiting.pop()?.();
  await expect.poll(() => vouchers.hasNews).toBe(true);
  expect([codesOf(vouchers), vouchers.shown?.rows[0]?.used]).toEqual([['CODE-1', 'CODE-2'], 2]);
  vouchers.showNews();
  expect([codesOf(vouchers), vouchers.hasNews]).toEqual([['CODE-3', 'CODE-1'], false]);
});

test('new vouchers are shown at once, without the search that was on', async () => {
  const { connection, vouchers } = await list();
  await vouchers.show({ query: 'nothing', page: 2 });
  connection.answer = ({ command }) =>
    command === 'createVouchers' ? { ok: true, data: { vouchers: [voucherOf('3')] } } : pageOf([voucherOf('3')], 42);
  const reply = await vouchers.create({ requestId: 'request-1', count: 1, percentOff: 10 });
  expect(reply).toMatchObject({ ok: true, data: [{ code: 'CODE-3' }] });
  expect(connection.sent.at(-2)?.input).toEqual({ requestId: 'request-1', eventId, count: 1, percentOff: 10 });
  expect([codesOf(vouchers), vouchers.search]).toEqual([['CODE-3'], { query: '', page: 1 }]);
});

test('a changed voucher is shown so even if an earlier answer arrives later', async () => {
  const { connection, vouchers, waiting } = await list();
  const early = Promise.withResolvers<ReturnType<typeof pageOf>>();
  connection.answer = () => early.promise;
  connection.push('salesChanged', { changes: [{ eventId }] });
  waiting.pop()?.();
  const disabled = voucherOf('1', { disabled: true });
  connection.answer = ({ command }) =>
    command === 'updateVoucher' ? { ok: true, data: disabled } : pageOf([disabled, voucherOf('2')], 41);
  await vouchers.update({ voucherId: disabled.id, changes: { disabled: true } });
  early.resolve(pageOf([voucherOf('1'), voucherOf('2')], 41));
  await early.promise;
  expect(vouchers.shown?.rows[0]?.disabled).toBe(true);
});

test('a refusal of the vouchers sets hasFailed and keeps the shown page; a lost connection does not', async () => {
  const { connection, vouchers } = await list();
  connection.answer = () => failure('CONNECTION_LOST');
  await vouchers.show(vouchers.search);
  expect(vouchers.hasFailed).toBe(false);
  connection.answer = () => failure('UNAVAILABLE');
  await vouchers.show(vouchers.search);
  expect([vouchers.hasFailed, vouchers.shown?.total]).toEqual([true, 41]);
  expect(await vouchers.update({ voucherId: idOf('1'), changes: { note: 'x' } })).toMatchObject({ ok: false });
});

test('an effect that starts the vouchers loads them once', async () => {
  const connection = new FakeConnection();
  connection.answer = () => pageOf([voucherOf('1')]);
  const vouchers = new Vouchers(connection, eventId, { later: () => () => undefined });
  const stop = $effect.root(() => {
    $effect(() => vouchers.start());
  });
  flushSync();
  await expect.poll(() => vouchers.shown?.total).toBe(1);
  flushSync();
  expect(connection.sent).toHaveLength(1);
  stop();
});
