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

/** A page of the event; `passTime` moves its clock, and calls back whatever is due. */
function checking(storage = memoryStorage()) {
  const connection = new FakeConnection();
  connection.answer = () => applied;
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
  let nowMs = 1_000_000;
  let due: { atMs: number; callback: () => void }[] = [];
  const later = (callback: () => void, ms: number) => {
    const timer = { atMs: nowMs + ms, callback };
    due.push(timer);
    return () => void (due = due.filter((one) => one !== timer));
  };
  const check = new VoucherCheck({ connection, storage, eventId, now: () => nowMs, later });
  return {
    connection,
    storage,
    page,
    check,
    passTime(ms: number): void {
      nowMs += ms;
      const called = due.filter(({ atMs }) => atMs <= nowMs);
      due = due.filter(({ atMs }) => atMs > nowMs);
      for (const { callback } of called) callback();
    },
    show(visibilityState: DocumentVisibilityState): void {
      page.visibilityState = visibilityState;
      page.dispatchEvent(new Event('visibilitychange'));
    },
    /** A push of seats of an event. */
    move: (of = eventId) => connection.push('availabilityChanged', { changes: [{ eventId: of }] }),
  };
}

/** What a voucher opens: a hidden type, of which this many tickets are left. */
function hidden(available: number) {
  const ticketTypes = [{ ...voucher.ticketTypes[0], access: 'voucher', limit: 10, available }];
  return { ok: true as const, data: { ...voucher, ticketTypes, usesLeft: null } };
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
  const { storage, check, page } = checking();
  check.follow('linked', page);
  await expect.poll(() => check.appliedCode).toBe('LINKED');
  const later = checking(storage);
  later.check.follow(null, later.page);
  await expect.poll(() => later.check.appliedCode).toBe('LINKED');
  const other = checking(storage);
  other.check.follow('other', other.page);
  await expect.poll(() => other.check.appliedCode).toBe('OTHER');
});

test('a signed-out visitor’s code is kept until the session is there', async () => {
  const { connection, check, page } = checking();
  connection.answer = () => failure('UNAUTHENTICATED');
  check.follow('linked', page);
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
  const { connection, check, page } = checking();
  const { promise, resolve } = Promise.withResolvers<typeof applied>();
  connection.answer = () => promise;
  check.follow('half', page);
  connection.connect();
  connection.connect();
  resolve(applied);
  await expect.poll(() => check.appliedCode).toBe('HALF');
  expect(connection.sent).toHaveLength(1);
});

test('the count of a hidden type follows the event’s seats, with a question every 15 seconds at most', async () => {
  const { connection, check, page, passTime, move } = checking();
  connection.answer = () => hidden(5);
  check.follow('friends', page);
  await expect.poll(() => check.types[0]?.available).toBe(5);
  connection.answer = () => hidden(4);
  for (const ms of [4_000, 4_000, 4_000]) {
    passTime(ms);
    move();
  }
  move('f'.repeat(24));
  expect(connection.sent).toHaveLength(1);
  passTime(3_000);
  await expect.poll(() => check.types[0]?.available).toBe(4);
  expect(connection.sent).toHaveLength(2);

  passTime(60_000);
  expect(connection.sent, 'nothing has moved').toHaveLength(2);
  connection.answer = () => hidden(3);
  move();
  await expect.poll(() => check.types[0]?.available, { message: 'the last question is old' }).toBe(3);
  expect(connection.sent).toHaveLength(3);
});

test('a hidden page asks nothing, and asks at once when it is seen again if seats have moved', async () => {
  const { connection, check, page, passTime, show, move } = checking();
  connection.answer = () => hidden(5);
  check.follow('friends', page);
  await expect.poll(() => check.appliedCode).toBe('FRIENDS');
  show('hidden');
  passTime(60_000);
  show('visible');
  expect(connection.sent, 'nothing has moved').toHaveLength(1);
  show('hidden');
  move();
  passTime(60_000);
  expect(connection.sent).toHaveLength(1);
  connection.answer = () => hidden(2);
  show('visible');
  await expect.poll(() => check.types[0]?.available).toBe(2);

  move();
  passTime(1_000);
  show('hidden');
  passTime(14_000);
  expect(connection.sent).toHaveLength(2);
});

test('an edit of the event is asked about as well, and nothing once the page is left', async () => {
  const { connection, check, page, passTime } = checking();
  connection.answer = () => ({ ...applied, data: { ...voucher, usesLeft: null } });
  const leave = check.follow('half', page);
  await expect.poll(() => check.appliedCode).toBe('HALF');
  passTime(20_000);
  connection.push('availabilityChanged', { changes: [{ eventId }] });
  expect(connection.sent, 'a voucher without counts of its own').toHaveLength(1);
  connection.push('eventChanged', { id: eventId });
  await expect.poll(() => connection.sent.length).toBe(2);
  connection.push('eventChanged', { id: eventId });
  leave();
  passTime(20_000);
  expect(connection.sent).toHaveLength(2);
});

test('a voucher that others use up stays with its tickets, and its uses come back', async () => {
  const { connection, check, page, passTime, move } = checking();
  check.follow('half', page);
  await expect.poll(() => check.appliedCode).toBe('HALF');
  const usesLeft = () => (check.state.kind === 'applied' ? check.state.voucher.usesLeft : undefined);
  passTime(15_000);
  connection.answer = () => failure('VOUCHER_INVALID', { details: { reason: 'used_up' } });
  move();
  await expect.poll(usesLeft).toBe(0);
  expect([check.appliedCode, check.types]).toEqual(['HALF', voucher.ticketTypes]);
  passTime(15_000);
  connection.answer = () => applied;
  move();
  await expect.poll(usesLeft).toBe(3);
  passTime(15_000);
  connection.answer = () => failure('VOUCHER_INVALID', { details: { reason: 'closed' } });
  move();
  await expect.poll(() => check.state.kind).toBe('refused');
});
