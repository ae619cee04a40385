import { expect, test } from 'vitest';
import { aBooking } from '../fixtures.ts';
import { KeptTickets } from './kept-tickets.svelte.ts';

const ANNA = 'a'.repeat(24);
const BERT = 'b'.repeat(24);
const NOON_MS = Date.parse('2026-10-14T12:00:00.000Z');
const ticket = aBooking({ status: 'confirmed', ticket: 'FR1.text' });

/** A browser's storage and clock; `open` opens a page in that browser. */
function browser() {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, text: string) => void stored.set(key, text),
    removeItem: (key: string) => void stored.delete(key),
  };
  const clock = { ms: NOON_MS };
  return { stored, clock, open: () => new KeptTickets(storage, () => clock.ms) };
}

test('a kept ticket is available on the next page without the server', () => {
  const { open } = browser();
  open().keep(ANNA, [ticket]);
  const later = open();
  expect(later.byId(ticket.id)).toEqual(ticket);
  expect(later.asOfMs).toBe(NOON_MS);
});

test('a kept ticket accepts newer versions of its booking only', () => {
  const { open } = browser();
  const tickets = open();
  tickets.keep(ANNA, [{ ...ticket, version: 3 }]);
  tickets.update([{ ...ticket, version: 4, seats: 1 }]);
  tickets.update([{ ...ticket, version: 2, seats: 2 }]);
  expect(open().byId(ticket.id)?.seats).toBe(1);
  tickets.update([aBooking({ id: 'c'.repeat(24) })]);
  expect(open().all).toHaveLength(1);
});

test('kept tickets are deleted when another user signs in', () => {
  const { open, stored } = browser();
  const tickets = open();
  tickets.keep(ANNA, [ticket]);
  tickets.claim(ANNA, null);
  expect(open().all).toHaveLength(1);
  tickets.claim(BERT, null);
  expect(stored.size).toBe(0);
  expect(open().all).toEqual([]);
});

test('an expired session leaves the kept tickets, a session ended before its time deletes them', () => {
  const { open, clock } = browser();
  const tickets = open();
  tickets.keep(ANNA, [ticket]);
  tickets.claim(ANNA, '2026-10-14T20:00:00.000Z');
  clock.ms = Date.parse('2026-10-14T21:00:00.000Z');
  tickets.sessionGone();
  expect(open().all).toHaveLength(1);
  clock.ms = Date.parse('2026-10-14T19:00:00.000Z');
  tickets.sessionGone();
  expect(open().all).toEqual([]);
});

test('the kept tickets of a session without a known end are deleted with it', () => {
  const { open } = browser();
  const tickets = open();
  tickets.keep(ANNA, [ticket]);
  tickets.sessionGone();
  expect(open().all).toEqual([]);
});

test('the two hundred tickets kept last stay', () => {
  const { open } = browser();
  const tickets = open();
  const ids = Array.from({ length: 201 }, (_, index) => index.toString(16).padStart(24, '0'));
  for (const id of ids) tickets.keep(ANNA, [{ ...ticket, id }]);
  expect(open().all).toHaveLength(200);
  expect(open().byId(ids[0] ?? '')).toBeUndefined();
  expect(open().byId(ids.at(-1) ?? '')).toBeDefined();
});

test('the tickets of coming events that find no room are counted, until they end or find room', () => {
  const { open } = browser();
  const tickets = open();
  const idOf = (index: number) => index.toString(16).padStart(24, '0');
  tickets.keep(
    ANNA,
    Array.from({ length: 203 }, (_, index) => ({ ...ticket, id: idOf(index) })),
  );
  const endMs = Date.parse(ticket.event.startsAt);
  expect(open().missingCount(endMs - 1)).toBe(3);
  expect(open().missingCount(endMs)).toBe(0);
  tickets.update([{ ...ticket, id: idOf(202), version: 2, status: 'cancelled' }]);
  expect(open().missingCount(endMs - 1)).toBe(2);
  // An opened ticket stays, and the one kept first leaves for it.
  tickets.keep(ANNA, [{ ...ticket, id: idOf(201) }]);
  expect(open().byId(idOf(201))).toBeDefined();
  expect(open().missingCount(endMs - 1)).toBe(2);
});

test.each(['', 'no JSON', '7', '{}', '{"userId":1}', '{"userId":"a","asOfMs":1,"tickets":null}'])(
  'the stored text “%s” holds no tickets',
  (text) => {
    const storage = { getItem: () => text, setItem: () => undefined, removeItem: () => undefined };
    expect(new KeptTickets(storage, Date.now).all).toEqual([]);
  },
);
