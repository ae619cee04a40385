import { expect, test } from 'vitest';
import type { LinkedTicket } from '#shared/tickets/linked-ticket.ts';
import { aBooking, anEvent, FakeConnection } from '../fixtures.ts';
import { KeptLinks } from './kept-links.ts';
import { LinkedTicketState, type LinkAnswer } from './linked-ticket.svelte.ts';

const NOON_MS = Date.parse('2026-10-01T12:00:00.000Z');
const KEY = '1key';
const ticket: LinkedTicket = {
  ...aBooking({ status: 'confirmed', ticket: 'FR1.text' }),
  asOf: '2026-10-01T12:00:00.000Z',
};

/** A browser's storage and clock, and a page that opened a link there. */
function browser() {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, text: string) => void stored.set(key, text),
    removeItem: (key: string) => void stored.delete(key),
  };
  const clock = { ms: NOON_MS };
  const kept = new KeptLinks(storage, () => clock.ms);
  const connection = new FakeConnection();
  let asked = 0;
  function open(first: LinkedTicket | null, answers: LinkAnswer[] = []) {
    const state = new LinkedTicketState(first, {
      key: KEY,
      connection,
      kept,
      ask: async () => {
        asked += 1;
        return answers.shift() ?? 'unknown';
      },
      every: () => () => undefined,
    });
    state.follow();
    return state;
  }
  return { stored, clock, kept, connection, open, asked: () => asked };
}

test('a ticket that a link has opened is available in this browser without the server, by its link only', () => {
  const { open, kept } = browser();
  open(ticket);
  const later = open(null);
  expect(later.ticket).toEqual(ticket);
  expect(later.isKept).toBe(true);
  expect(kept.byKey('1other')).toBeNull();
});

test('a linked ticket is asked for again when its event changes, and when the connection is back', async () => {
  const { connection, open, asked, kept } = browser();
  const state = open(ticket, [{ ...ticket, version: 2, seats: 1 }, 'unknown']);
  connection.push('eventChanged', anEvent({ id: 'd'.repeat(24) }));
  expect(asked()).toBe(0);
  connection.push('eventChanged', anEvent());
  await expect.poll(() => state.ticket).toMatchObject({ seats: 1 });
  expect(kept.byKey(KEY)).toMatchObject({ seats: 1 });
  connection.connect();
  await expect.poll(asked).toBe(2);
  expect(state.ticket, 'an unanswered question keeps the ticket').toMatchObject({ seats: 1 });
});

test('a link that opens nothing any more is forgotten by this browser', async () => {
  const { connection, open, kept } = browser();
  const state = open(ticket, ['nothing']);
  connection.connect();
  await expect.poll(() => state.isGone).toBe(true);
  expect(kept.byKey(KEY)).toBeNull();
});

test('kept links are bounded, and end a day after their event', () => {
  const { kept, clock, stored } = browser();
  for (let number = 0; number < 40; number += 1) kept.keep(`1key${number}`, ticket);
  expect(kept.byKey('1key39')).not.toBeNull();
  expect(kept.byKey('1key9')).toBeNull();
  clock.ms = Date.parse(ticket.event.startsAt) + 25 * 3_600_000;
  kept.keep('1new', { ...ticket, event: { ...ticket.event, startsAt: '2027-01-01T12:00:00.000Z' } });
  expect(kept.byKey('1key39')).toBeNull();
  expect(kept.byKey('1new')).not.toBeNull();
  stored.set('frontrow.linked-tickets', '{"broken');
  expect(kept.byKey('1new')).toBeNull();
});
