import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { EventBooking } from '#shared/organiser.ts';
import { aBooking, failure, FakeConnection } from '../fixtures.ts';
import { Attendees } from './attendees.svelte.ts';

const eventId = aBooking().eventId;

function anEventBooking(id: string, more: Partial<EventBooking> = {}): EventBooking {
  const attendee = { name: `Attendee ${id}`, email: `${id}@example.org`, verified: true };
  return { ...aBooking({ id: id.repeat(24) }), attendee, ...more };
}

const pageOf = (bookings: EventBooking[], total = bookings.length) => ({
  ok: true as const,
  data: { bookings, page: 1, limit: 20, total },
});

function list() {
  const connection = new FakeConnection();
  const waiting: (() => void)[] = [];
  connection.answer = () => pageOf([anEventBooking('1'), anEventBooking('2')], 41);
  const attendees = new Attendees(connection, eventId, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  attendees.start();
  const sold = () => {
    connection.push('salesChanged', { changes: [{ eventId }] });
    waiting.pop()?.();
  };
  return { connection, attendees, waiting, sold };
}

test('attendees are loaded by search, status, ticket type and page number', async () => {
  const { connection, attendees } = list();
  await attendees.show({ query: 'Zoë', status: 'held', ticketType: 't2', page: 3 });
  expect(connection.sent.map(({ input }) => input)).toEqual([
    { eventId, page: 1, limit: 20 },
    { eventId, page: 3, limit: 20, query: 'Zoë', status: 'held', ticketType: 't2' },
  ]);
  expect([attendees.pages, attendees.shown?.rows.length]).toEqual([3, 2]);
});

test('shown attendees are updated in place, and new attendees are shown on request only', async () => {
  const { connection, attendees, sold } = list();
  await attendees.show(attendees.search);
  connection.answer = () => pageOf([anEventBooking('1', { version: 2, status: 'cancelled' }), anEventBooking('2')], 41);
  sold();
  await expect.poll(() => attendees.shown?.rows[0]?.status).toBe('cancelled');
  expect(attendees.hasNews).toBe(false);
  connection.answer = () => pageOf([anEventBooking('3'), anEventBooking('1', { version: 2, status: 'cancelled' })], 42);
  sold();
  await expect.poll(() => attendees.hasNews).toBe(true);
  expect(attendees.shown?.rows.map(({ id }) => id[0])).toEqual(['1', '2']);
  attendees.showNews();
  expect([attendees.shown?.rows.map(({ id }) => id[0]), attendees.hasNews]).toEqual([['3', '1'], false]);
});

test('a newer state of a shown booking keeps its attendee, an older state is ignored', async () => {
  const { attendees } = list();
  await attendees.show(attendees.search);
  attendees.take(aBooking({ id: '2'.repeat(24), version: 3, status: 'cancelled' }));
  attendees.take(aBooking({ id: '2'.repeat(24), version: 2, status: 'confirmed' }));
  expect(attendees.shown?.rows[1]).toMatchObject({
    version: 3,
    status: 'cancelled',
    attendee: { name: 'Attendee 2' },
  });
});

test('a late answer to an earlier search of attendees is dropped', async () => {
  const { connection, attendees } = list();
  const first = Promise.withResolvers<ReturnType<typeof pageOf>>();
  connection.answer = ({ input }) => ('query' in (input as object) ? pageOf([anEventBooking('2')]) : first.promise);
  const slow = attendees.show({ query: '', status: null, ticketType: null, page: 1 });
  await attendees.show({ query: 'two', status: null, ticketType: null, page: 1 });
  first.resolve(pageOf([anEventBooking('1')]));
  await slow;
  expect(attendees.shown?.rows.map(({ id }) => id[0])).toEqual(['2']);
});

test('a refused search of attendees sets hasFailed and keeps the shown page', async () => {
  const { connection, attendees } = list();
  await expect.poll(() => attendees.shown).not.toBeNull();
  connection.answer = () => failure('UNAVAILABLE');
  await attendees.show(attendees.search);
  expect([attendees.hasFailed, attendees.shown?.total]).toEqual([true, 41]);
});

test('an effect that starts the attendees loads them once', async () => {
  const connection = new FakeConnection();
  connection.answer = () => pageOf([anEventBooking('1')]);
  const attendees = new Attendees(connection, eventId, { later: () => () => undefined });
  const stop = $effect.root(() => {
    $effect(() => attendees.start());
  });
  flushSync();
  await expect.poll(() => attendees.shown?.total).toBe(1);
  flushSync();
  expect(connection.sent).toHaveLength(1);
  stop();
});
