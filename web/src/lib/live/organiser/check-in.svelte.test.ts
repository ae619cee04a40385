import { expect, test } from 'vitest';
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

/** A check-in whose server gives these answers. */
function aCheckIn(answers: { found?: EventBooking | null; reply?: unknown }) {
  const asked: unknown[] = [];
  const organiser = {
    findByCode: async (event: string, code: string) => {
      asked.push([event, code]);
      return { ok: true as const, data: answers.found === undefined ? booking : answers.found };
    },
    checkIn: async (ticket: string, seats?: number) => {
      asked.push([ticket, seats]);
      const checkedIn = { ...booking, checkedInSeats: seats ?? 3, version: 2 };
      return (answers.reply ?? { ok: true, data: { booking: checkedIn, repeated: false } }) as never;
    },
  };
  const createAction: CreateAction = (send, options) => new RetryableAction(actionDependencies(), send, options);
  return { asked, checkIn: new CheckIn({ organiser, eventId, createAction }) };
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

test('a check-in distinguishes a repeat, a refusal, an unknown ticket and a lost connection', async () => {
  const again = aCheckIn({ reply: { ok: true, data: { booking: { ...booking, checkedInSeats: 3 }, repeated: true } } });
  const rows: [ReturnType<typeof aCheckIn>, string][] = [
    [again, 'again'],
    [aCheckIn({ reply: failure('INVALID_STATE') }), 'refused'],
    [aCheckIn({ reply: failure('NOT_FOUND') }), 'unknown'],
    [aCheckIn({ reply: failure('CONNECTION_LOST') }), 'failed'],
  ];
  for (const [{ checkIn }, kind] of rows) {
    await checkIn.scan(booking.code);
    expect(checkIn.scanned[0]?.admission.kind).toBe(kind);
  }
});

test('a scan during another scan is ignored', async () => {
  const { asked, checkIn } = aCheckIn({});
  const first = checkIn.scan(booking.code);
  expect(checkIn.isBusy).toBe(true);
  await checkIn.scan(booking.code);
  await first;
  expect(asked).toHaveLength(2);
  expect(checkIn.scanned).toHaveLength(1);
});

test('a failed check-in has one attempt', async () => {
  for (const code of ['CONNECTION_LOST', 'BUSY', 'UNAVAILABLE', 'RATE_LIMITED'] as const) {
    const { asked, checkIn } = aCheckIn({ reply: failure(code, { retryAfterMs: 5 }) });
    await checkIn.scan(booking.code, 2);
    expect(asked, code).toHaveLength(2);
    expect(checkIn.scanned[0]?.admission, code).toMatchObject({ kind: 'failed', failure: { code } });
  }
});

test('an empty text is not a scan', async () => {
  const { asked, checkIn } = aCheckIn({});
  await checkIn.scan('  ');
  expect([asked, checkIn.scanned]).toEqual([[], []]);
});
