import { expect, test } from 'vitest';
import { aBooking } from '../fixtures.ts';
import { KeptTickets } from './kept-tickets.svelte.ts';

const ANNA = 'a'.repeat(24);
const BERT = 'b'.repeat(24);
const NOON_MS = Date.parse('2026-10-14T12:00:00.000Z');
const ticket = aBooking({ status: 'confirmed', ticket: 'FR1.text' });

/** What a browser stores, and pages on it that are opened one after the other. */
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

test('a ticket that was opened is there for the next page, without any server', () => {
  const { open } = browser();
  open().keep(ANNA, ticket);
  const later = open();
  expect(later.byId(ticket.id)).toEqual(ticket);
  expect(later.asOfMs).toBe(NOON_MS);
});

test('a kept ticket follows what is pushed, and never back', () => {
  const { open } = browser();
  const tickets = open();
  tickets.keep(ANNA, { ...ticket, version: 3 });
  tickets.update({ ...ticket, version: 4, seats: 1 });
  tickets.update({ ...ticket, version: 2, seats: 2 });
  expect(open().byId(ticket.id)?.seats).toBe(1);
  tickets.update(aBooking({ id: 'c'.repeat(24) }));
  expect(open().all).toHaveLength(1);
});

test('somebody else who signs in here finds nothing', () => {
  const { open, stored } = browser();
  const tickets = open();
  tickets.keep(ANNA, ticket);
  tickets.claim(ANNA, null);
  expect(open().all).toHaveLength(1);
  tickets.claim(BERT, null);
  expect(stored.size).toBe(0);
  expect(open().all).toEqual([]);
});

test('a session that ran out leaves the tickets to their owner; one that was ended takes them along', () => {
  const { open, clock } = browser();
  const tickets = open();
  tickets.keep(ANNA, ticket);
  tickets.claim(ANNA, '2026-10-14T20:00:00.000Z');
  clock.ms = Date.parse('2026-10-14T21:00:00.000Z');
  tickets.sessionGone();
  expect(open().all).toHaveLength(1);
  clock.ms = Date.parse('2026-10-14T19:00:00.000Z');
  tickets.sessionGone();
  expect(open().all).toEqual([]);
});

test('where the end of a session is not known, its tickets do not outlive it', () => {
  const { open } = browser();
  const tickets = open();
  tickets.keep(ANNA, ticket);
  tickets.sessionGone();
  expect(open().all).toEqual([]);
});

test('only the fifty that were opened last are kept', () => {
  const { open } = browser();
  const tickets = open();
  const ids = Array.from({ length: 51 }, (_, index) => index.toString(16).padStart(24, '0'));
  for (const id of ids) tickets.keep(ANNA, { ...ticket, id });
  expect(open().all).toHaveLength(50);
  expect(open().byId(ids[0] ?? '')).toBeUndefined();
  expect(open().byId(ids.at(-1) ?? '')).toBeDefined();
});

test.each(['', 'no JSON', '7', '{}', '{"userId":1}', '{"userId":"a","asOfMs":1,"tickets":null}'])(
  'what no page of ours has stored (%s) is nothing',
  (text) => {
    const storage = { getItem: () => text, setItem: () => undefined, removeItem: () => undefined };
    expect(new KeptTickets(storage, Date.now).all).toEqual([]);
  },
);
