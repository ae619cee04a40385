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
  const far = new FakeConnection();
  const waiting: (() => void)[] = [];
  far.answer = () => pageOf([anEventBooking('1'), anEventBooking('2')], 41);
  const attendees = new Attendees(far, eventId, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  attendees.start();
  const sold = () => {
    far.push('salesChanged', { changes: [{ eventId }] });
    waiting.pop()?.();
  };
  return { far, attendees, waiting, sold };
}

test('a page is asked for by search, status and number', async () => {
  const { far, attendees } = list();
  await attendees.show({ query: 'Zoë', status: 'held', page: 3 });
  expect(far.sent.map(({ input }) => input)).toEqual([
    { eventId, page: 1, limit: 20 },
    { eventId, page: 3, limit: 20, query: 'Zoë', status: 'held' },
  ]);
  expect([attendees.pages, attendees.shown?.bookings.length]).toEqual([3, 2]);
});

test('bookings change where they are; others are offered, not pushed in between', async () => {
  const { far, attendees, sold } = list();
  await attendees.show(attendees.search);
  far.answer = () => pageOf([anEventBooking('1', { version: 2, status: 'cancelled' }), anEventBooking('2')], 41);
  sold();
  await expect.poll(() => attendees.shown?.bookings[0]?.status).toBe('cancelled');
  expect(attendees.hasNews).toBe(false);
  far.answer = () => pageOf([anEventBooking('3'), anEventBooking('1', { version: 2, status: 'cancelled' })], 42);
  sold();
  await expect.poll(() => attendees.hasNews).toBe(true);
  expect(attendees.shown?.bookings.map(({ id }) => id[0])).toEqual(['1', '2']);
  attendees.showNews();
  expect([attendees.shown?.bookings.map(({ id }) => id[0]), attendees.hasNews]).toEqual([['3', '1'], false]);
});

test('what was done to a booking is shown, and keeps whose it is; an older state is not', async () => {
  const { attendees } = list();
  await attendees.show(attendees.search);
  attendees.take(aBooking({ id: '2'.repeat(24), version: 3, status: 'cancelled' }));
  attendees.take(aBooking({ id: '2'.repeat(24), version: 2, status: 'confirmed' }));
  expect(attendees.shown?.bookings[1]).toMatchObject({
    version: 3,
    status: 'cancelled',
    attendee: { name: 'Attendee 2' },
  });
});

test('a late answer to an earlier search is dropped', async () => {
  const { far, attendees } = list();
  const first = Promise.withResolvers<ReturnType<typeof pageOf>>();
  far.answer = ({ input }) => ('query' in (input as object) ? pageOf([anEventBooking('2')]) : first.promise);
  const slow = attendees.show({ query: '', status: null, page: 1 });
  await attendees.show({ query: 'two', status: null, page: 1 });
  first.resolve(pageOf([anEventBooking('1')]));
  await slow;
  expect(attendees.shown?.bookings.map(({ id }) => id[0])).toEqual(['2']);
});

test('a search that fails says so', async () => {
  const { far, attendees } = list();
  await expect.poll(() => attendees.shown).not.toBeNull();
  far.answer = () => failure('UNAVAILABLE');
  await attendees.show(attendees.search);
  expect([attendees.hasFailed, attendees.shown?.total]).toEqual([true, 41]);
});

test('a page that starts it in an effect asks once, and not again with every answer', async () => {
  const far = new FakeConnection();
  far.answer = () => pageOf([anEventBooking('1')]);
  const attendees = new Attendees(far, eventId, { later: () => () => undefined });
  const stop = $effect.root(() => {
    $effect(() => attendees.start());
  });
  flushSync();
  await expect.poll(() => attendees.shown?.total).toBe(1);
  flushSync();
  expect(far.sent).toHaveLength(1);
  stop();
});
