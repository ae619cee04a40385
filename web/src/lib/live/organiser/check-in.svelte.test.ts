import { expect, test } from 'vitest';
import type { EventBooking } from '#shared/organiser.ts';
import { Door } from './check-in.svelte.ts';
import { aBooking, actionDependencies, failure } from '../fixtures.ts';
import { RetryableAction, type CreateAction } from '../retryable-action.svelte.ts';

const eventId = aBooking().eventId;
const guest: EventBooking = {
  ...aBooking({ status: 'confirmed', seats: 3, code: 'XJ62Y76X5B52' }),
  attendee: { name: 'Zoë', email: 'zoe@example.org', verified: true },
};
const ticketOf = (event: string) => `FR1.${guest.id}.${event}.${guest.code}.c2lnbmF0dXJlLW9mLTE2`;

/** A door whose server answers this. */
function door(answers: { found?: EventBooking | null; reply?: unknown }) {
  const asked: unknown[] = [];
  const organiser = {
    findGuest: async (event: string, code: string) => {
      asked.push([event, code]);
      return { ok: true as const, data: answers.found === undefined ? guest : answers.found };
    },
    checkIn: async (ticket: string, seats?: number) => {
      asked.push([ticket, seats]);
      const booking = { ...guest, checkedInSeats: seats ?? 3, version: 2 };
      return (answers.reply ?? { ok: true, data: { booking, repeated: false } }) as never;
    },
  };
  const createAction: CreateAction = (send, options) => new RetryableAction(actionDependencies(), send, options);
  return { asked, made: new Door({ organiser, eventId, createAction }) };
}

test('a ticket lets its party in, and says whose it is', async () => {
  const { asked, made } = door({});
  await made.scan(` ${ticketOf(eventId)}\n`);
  expect(made.scanned[0]?.admission).toMatchObject({ kind: 'in', entered: 3, guest: { attendee: { name: 'Zoë' } } });
  expect(asked).toEqual([
    [eventId, guest.code],
    [ticketOf(eventId), undefined],
  ]);
});

test('a code does too, for as many as are said; the newest scan comes first', async () => {
  const { asked, made } = door({});
  await made.scan('xj62 y76x 5b52', 1);
  await made.scan('xj62 y76x 5b52');
  expect(made.scanned.map(({ number, admission }) => [number, 'entered' in admission && admission.entered])).toEqual([
    [2, 3],
    [1, 1],
  ]);
  expect(asked[1]).toEqual(['xj62 y76x 5b52', 1]);
});

test('a ticket of another event, and a code that this one does not have, let nobody in', async () => {
  const other = door({});
  await other.made.scan(ticketOf('f'.repeat(24)));
  expect([other.made.scanned[0]?.admission.kind, other.asked]).toEqual(['elsewhere', []]);
  const unknown = door({ found: null });
  await unknown.made.scan('AAAA BBBB CCCC');
  expect([unknown.made.scanned[0]?.admission.kind, unknown.asked.length]).toEqual(['unknown', 1]);
});

test('what the server refuses is told apart: inside already, cancelled, forged, no answer', async () => {
  const again = door({ reply: { ok: true, data: { booking: { ...guest, checkedInSeats: 3 }, repeated: true } } });
  const rows: [ReturnType<typeof door>, string][] = [
    [again, 'again'],
    [door({ reply: failure('INVALID_STATE') }), 'refused'],
    [door({ reply: failure('NOT_FOUND') }), 'unknown'],
    [door({ reply: failure('CONNECTION_LOST') }), 'failed'],
  ];
  for (const [{ made }, kind] of rows) {
    await made.scan(guest.code);
    expect(made.scanned[0]?.admission.kind).toBe(kind);
  }
});

test('a second scan during the first one is ignored', async () => {
  const { asked, made } = door({});
  const first = made.scan(guest.code);
  expect(made.isBusy).toBe(true);
  await made.scan(guest.code);
  await first;
  expect(asked).toHaveLength(2);
  expect(made.scanned).toHaveLength(1);
});

test('a failed check-in has one attempt', async () => {
  for (const code of ['CONNECTION_LOST', 'BUSY', 'UNAVAILABLE', 'RATE_LIMITED'] as const) {
    const { asked, made } = door({ reply: failure(code, { retryAfterMs: 5 }) });
    await made.scan(guest.code, 2);
    expect(asked, code).toHaveLength(2);
    expect(made.scanned[0]?.admission, code).toMatchObject({ kind: 'failed', failure: { code } });
  }
});

test('nothing typed is no scan', async () => {
  const { asked, made } = door({});
  await made.scan('  ');
  expect([asked, made.scanned]).toEqual([[], []]);
});
