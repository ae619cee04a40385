import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { failure, FakeConnection, memoryStorage } from '../fixtures.ts';
import { VoucherCheck } from './voucher-check.svelte.ts';

const eventId = 'e'.repeat(24);
const KEY = `frontrow.voucher.${eventId}`;
const voucher = {
  ticketTypes: [{ ...aTicketType(), fullPrice: { amount: 2000, currency: 'EUR' } }],
  usesLeft: 3,
  validUntil: null,
};
const applied = { ok: true as const, data: voucher };
const unknown = () => failure('VOUCHER_INVALID', { details: { reason: 'unknown' } });

function checking(storage = memoryStorage()) {
  const connection = new FakeConnection();
  connection.answer = () => applied;
  return { connection, storage, check: new VoucherCheck({ connection, storage, eventId }) };
}

test('a code is asked for in capitals, kept, and its types have its prices', async () => {
  const { connection, storage, check } = checking();
  await check.apply(' early10 ');
  expect(connection.sent).toEqual([{ command: 'checkVoucher', input: { eventId, code: 'EARLY10' } }]);
  expect([check.appliedCode, check.types, storage.kept.get(KEY)]).toEqual(['EARLY10', voucher.ticketTypes, 'EARLY10']);
  expect([check.codeFor([{ type: 't1' }]), check.codeFor([{ type: 't2' }])]).toEqual(['EARLY10', null]);
  check.remove();
  expect([check.state.kind, check.code, check.types, storage.kept.size]).toEqual(['none', null, [], 0]);
});

test('the code of a link comes before a kept one, which comes back after a reload', async () => {
  const { storage, check } = checking();
  check.follow('linked');
  await expect.poll(() => check.appliedCode).toBe('LINKED');
  const later = checking(storage);
  later.check.follow(null);
  await expect.poll(() => later.check.appliedCode).toBe('LINKED');
  const other = checking(storage);
  other.check.follow('other');
  await expect.poll(() => other.check.appliedCode).toBe('OTHER');
});

test('a signed-out visitor’s code is kept until the session is there', async () => {
  const { connection, check } = checking();
  connection.answer = () => failure('UNAUTHENTICATED');
  check.follow('linked');
  await expect.poll(() => check.state.kind).toBe('signed_out');
  connection.answer = () => applied;
  connection.connect();
  await expect.poll(() => check.appliedCode).toBe('LINKED');
});

test('the answer to an earlier code is dropped', async () => {
  const { connection, check } = checking();
  const { promise, resolve } = Promise.withResolvers<typeof applied>();
  connection.answer = () => promise;
  const first = check.apply('first');
  connection.answer = unknown;
  await check.apply('second');
  resolve(applied);
  await first;
  expect([check.code, check.state]).toMatchObject([
    'SECOND',
    { kind: 'refused', failure: { code: 'VOUCHER_INVALID' } },
  ]);
});

test('an applied voucher stays while it cannot be asked about, and goes when the server refuses it', async () => {
  const { connection, check } = checking();
  await check.apply('half');
  connection.answer = () => failure('RATE_LIMITED');
  await check.again();
  expect(check.appliedCode).toBe('HALF');
  connection.answer = unknown;
  await check.again();
  expect([check.state.kind, check.types]).toEqual(['refused', []]);
});

test('one question is asked at a time', async () => {
  const { connection, check } = checking();
  const { promise, resolve } = Promise.withResolvers<typeof applied>();
  connection.answer = () => promise;
  check.follow('half');
  connection.connect();
  connection.connect();
  resolve(applied);
  await expect.poll(() => check.appliedCode).toBe('HALF');
  expect(connection.sent).toHaveLength(1);
});
