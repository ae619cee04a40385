import { expect, test } from 'vitest';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { EventBooking } from '#shared/organiser.ts';
import { CheckIn } from './check-in.svelte.ts';
import { aBooking, actionDependencies, failure } from '../fixtures.ts';
import { RetryableAction, type CreateAction } from '../retryable-action.svelte.ts';

const eventId = aBooking().eventId;
const booking: EventBooking = {
  ...aBooking({ status: 'confirmed', seats: 3, code: 'XJ62Y76X5B52' }),
  attendee: { name: 'Zoë', email: 'zoe@example.org', verified: true },
};
const ticketOf = (event: string) => `FR1.${booking.id}.${event}.${booking.code}.c2lnbmF0dXJlLW9mLTE2`;

/** A check-in whose server gives these replies to `checkIn`, then successes. */
function aCheckIn(answers: { found?: EventBooking | null; replies?: unknown[] }) {
  const asked: unknown[][] = [];
  const requestIds: unknown[] = [];
  const replies = [...(answers.replies ?? [])];
  const organiser = {
    findByCode: async (event: string, code: string) => {
      asked.push([event, code]);
      return { ok: true as const, data: answers.found === undefined ? booking : answers.found };
    },
    findById: async (event: string, bookingId: string) => {
      asked.push([event, bookingId]);
      return { ok: true as const, data: answers.found === undefined ? booking : answers.found };
    },
    checkIn: async ({ ticket, seats, requestId }: CommandRequest<'checkIn'>) => {
      asked.push([ticket, seats]);
      requestIds.push(requestId);
      const checkedIn = { ...booking, checkedInSeats: seats ?? 3, version: 2 };
      const reply = replies.shift() ?? { ok: true, data: { booking: checkedIn, repeated: false } };
      return reply as never;
    },
  };
  const createAction: CreateAction = (send, options) => new RetryableAction(actionDependencies(), send, options);
  return { asked, requestIds, checkIn: new CheckIn({ organiser, eventId, createAction }) };
}

test('a scanned ticket checks in all its seats and names the attendee', async () => {
  const { asked, checkIn } = aCheckIn({});
  await checkIn.scan(` ${ticketOf(eventId)}\n`);
  expect(checkIn.scanned[0]?.admission).toMatchObject({
    kind: 'in',
    entered: 3,
    booking: { attendee: { name: 'Zoë' } },
  });
  expect(asked).toEqual([
    [eventId, booking.code],
    [ticketOf(eventId), undefined],
  ]);
});

test('a typed code checks in as many seats as given; the newest scan comes first', async () => {
  const { asked, checkIn } = aCheckIn({});
  await checkIn.scan('xj62 y76x 5b52', 1);
  await checkIn.scan('xj62 y76x 5b52');
  expect(checkIn.scanned.map(({ number, admission }) => [number, 'entered' in admission && admission.entered])).toEqual(
    [
      [2, 3],
      [1, 1],
    ],
  );
  expect(asked[1]).toEqual(['xj62 y76x 5b52', 1]);
});

test('a ticket of another event and an unknown code check in no seats', async () => {
  const other = aCheckIn({});
  await other.checkIn.scan(ticketOf('f'.repeat(24)));
  expect([other.checkIn.scanned[0]?.admission.kind, other.asked]).toEqual(['elsewhere', []]);
  const unknown = aCheckIn({ found: null });
  await unknown.checkIn.scan('AAAA BBBB CCCC');
  expect([unknown.checkIn.scanned[0]?.admission.kind, unknown.asked.length]).toEqual(['unknown', 1]);
});

test('a check-in distinguishes a repeat, a refusal, an unknown ticket and a defect', async () => {
  const inside = { ok: true, data: { booking: { ...booking, checkedInSeats: 3 }, repeated: true } };
  const rows: [ReturnType<typeof aCheckIn>, string][] = [
    [aCheckIn({ replies: [inside] }), 'again'],
    [aCheckIn({ replies: [failure('INVALID_STATE')] }), 'refused'],
    [aCheckIn({ replies: [failure('NOT_FOUND')] }), 'unknown'],
    [aCheckIn({ replies: [failure('INTERNAL')] }), 'failed'],
  ];
  for (const [{ checkIn }, kind] of rows) {
    await checkIn.scan(booking.code);
    expect(checkIn.scanned[0]?.admission.kind).toBe(kind);
  }
});

test('a scan during another scan is queued with the number of seats that was typed with it', async () => {
  const { asked, checkIn } = aCheckIn({});
  const first = checkIn.scan(booking.code, 1);
  expect(checkIn.isBusy).toBe(true);
  await checkIn.scan(booking.code, 2);
  expect(checkIn.waiting).toBe(1);
  await first;
  expect(checkIn.waiting).toBe(0);
  expect(asked.filter(([, seats]) => typeof seats === 'number')).toEqual([
    [booking.code, 1],
    [booking.code, 2],
  ]);
  expect(checkIn.scanned).toHaveLength(2);
});

test('a check-in without an answer is sent again under its request id, and counts the seats once', async () => {
  const lost = [failure('CONNECTION_LOST'), failure('BUSY', { retryAfterMs: 5 })];
  const { checkIn, requestIds } = aCheckIn({ replies: lost });
  await checkIn.scan(booking.code, 2);
  expect(requestIds).toHaveLength(3);
  expect(new Set(requestIds).size).toBe(1);
  expect(checkIn.scanned[0]?.admission).toMatchObject({ kind: 'in', entered: 2 });
});

test('a scan whose attempts were stopped is repeated by the same scan only', async () => {
  const { checkIn, requestIds } = aCheckIn({ replies: [failure('CONNECTION_LOST')] });
  const stopped = checkIn.scan(booking.code, 1);
  while (checkIn.attempts.state.kind !== 'retrying') await Promise.resolve();
  checkIn.attempts.stop();
  await stopped;
  expect(checkIn.scanned[0]?.admission.kind).toBe('stopped');
  await checkIn.scan(booking.code, 2);
  await checkIn.scan(booking.code, 1);
  const [first, other, again] = requestIds;
  expect(other).not.toBe(first);
  expect(again).toBe(first);
});

test('an empty text is not a scan', async () => {
  const { asked, checkIn } = aCheckIn({});
  await checkIn.scan('  ');
  expect([asked, checkIn.scanned]).toEqual([[], []]);
});

test('one seat’s own ticket is found by its booking, and named with the time at which it was scanned before', async () => {
  const own = `FR2.${booking.id}.${eventId}.t1.2.0.c2lnbmF0dXJlLW9mLTE4Yml0cw`;
  const personal = { type: 't1', name: 'Adult', number: 2, of: 3, checkedInAt: '2026-11-23T20:03:00.000Z' };
  const data = { booking: { ...booking, checkedInSeats: 1 }, repeated: true, personal };
  const { asked, checkIn } = aCheckIn({ replies: [{ ok: true, data }] });
  await checkIn.scan(own);
  expect(asked).toEqual([
    [eventId, booking.id],
    [own, undefined],
  ]);
  expect(checkIn.scanned[0]?.admission).toMatchObject({ kind: 'again', seat: personal });
  const elsewhere = aCheckIn({});
  await elsewhere.checkIn.scan(`FR2.${booking.id}.${'f'.repeat(24)}.t1.2.0.c2lnbmF0dXJlLW9mLTE4Yml0cw`);
  expect([elsewhere.checkIn.scanned[0]?.admission.kind, elsewhere.asked]).toEqual(['elsewhere', []]);
});

test('a ticket that was taken back or cancelled is refused with its reason', async () => {
  const own = `FR2.${booking.id}.${eventId}.t1.2.0.c2lnbmF0dXJlLW9mLTE4Yml0cw`;
  for (const ticket of ['revoked', 'cancelled', undefined] as const) {
    const details = ticket === undefined ? { status: 'cancelled' } : { ticket };
    const refused = { ok: false, error: { code: 'INVALID_STATE', message: '', details } };
    const { checkIn } = aCheckIn({ replies: [refused] });
    await checkIn.scan(own);
    const { admission } = checkIn.scanned[0] ?? {};
    expect([admission?.kind, admission && 'invalid' in admission ? admission.invalid : undefined]).toEqual([
      'refused',
      ticket,
    ]);
  }
});
