import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { EventBooking } from '#shared/organiser.ts';
import { aBooking, failure, FarEnd } from '../fixtures.ts';
import { GuestList } from './attendees.svelte.ts';

const eventId = aBooking().eventId;

function guest(id: string, more: Partial<EventBooking> = {}): EventBooking {
  const attendee = { name: `Guest ${id}`, email: `${id}@example.org`, verified: true };
  return { ...aBooking({ id: id.repeat(24) }), attendee, ...more };
}

const pageOf = (bookings: EventBooking[], total = bookings.length) => ({
  ok: true as const,
  data: { bookings, page: 1, limit: 20, total },
});

function list() {
  const far = new FarEnd();
  const waiting: (() => void)[] = [];
  far.answer = () => pageOf([guest('1'), guest('2')], 41);
  const guests = new GuestList(far, eventId, {
    later: (callback) => (waiting.push(callback), () => void waiting.pop()),
  });
  guests.start();
  const sold = () => {
    far.push('salesChanged', { changes: [{ eventId }] });
    waiting.pop()?.();
  };
  return { far, guests, waiting, sold };
}

test('a page is asked for by search, status and number', async () => {
  const { far, guests } = list();
  await guests.show({ query: 'Zoë', status: 'held', page: 3 });
  expect(far.sent.map(({ input }) => input)).toEqual([
    { eventId, page: 1, limit: 20 },
    { eventId, page: 3, limit: 20, query: 'Zoë', status: 'held' },
  ]);
  expect([guests.pages, guests.shown?.bookings.length]).toEqual([3, 2]);
});

test('bookings change where they are; others are offered, not pushed in between', async () => {
  const { far, guests, sold } = list();
  await guests.show(guests.search);
  far.answer = () => pageOf([guest('1', { version: 2, status: 'cancelled' }), guest('2')], 41);
  sold();
  await expect.poll(() => guests.shown?.bookings[0]?.status).toBe('cancelled');
  expect(guests.hasNews).toBe(false);
  far.answer = () => pageOf([guest('3'), guest('1', { version: 2, status: 'cancelled' })], 42);
  sold();
  await expect.poll(() => guests.hasNews).toBe(true);
  expect(guests.shown?.bookings.map(({ id }) => id[0])).toEqual(['1', '2']);
  guests.showNews();
  expect([guests.shown?.bookings.map(({ id }) => id[0]), guests.hasNews]).toEqual([['3', '1'], false]);
});

test('what was done to a booking is shown, and keeps whose it is; an older state is not', async () => {
  const { guests } = list();
  await guests.show(guests.search);
  guests.take(aBooking({ id: '2'.repeat(24), version: 3, status: 'cancelled' }));
  guests.take(aBooking({ id: '2'.repeat(24), version: 2, status: 'confirmed' }));
  expect(guests.shown?.bookings[1]).toMatchObject({ version: 3, status: 'cancelled', attendee: { name: 'Guest 2' } });
});

test('a late answer to an earlier search is dropped', async () => {
  const { far, guests } = list();
  const first = Promise.withResolvers<ReturnType<typeof pageOf>>();
  far.answer = ({ input }) => ('query' in (input as object) ? pageOf([guest('2')]) : first.promise);
  const slow = guests.show({ query: '', status: null, page: 1 });
  await guests.show({ query: 'two', status: null, page: 1 });
  first.resolve(pageOf([guest('1')]));
  await slow;
  expect(guests.shown?.bookings.map(({ id }) => id[0])).toEqual(['2']);
});

test('a search that fails says so', async () => {
  const { far, guests } = list();
  await expect.poll(() => guests.shown).not.toBeNull();
  far.answer = () => failure('UNAVAILABLE');
  await guests.show(guests.search);
  expect([guests.hasFailed, guests.shown?.total]).toEqual([true, 41]);
});

test('a page that starts it in an effect asks once, and not again with every answer', async () => {
  const far = new FarEnd();
  far.answer = () => pageOf([guest('1')]);
  const guests = new GuestList(far, eventId, { later: () => () => undefined });
  const stop = $effect.root(() => {
    $effect(() => guests.start());
  });
  flushSync();
  await expect.poll(() => guests.shown?.total).toBe(1);
  flushSync();
  expect(far.sent).toHaveLength(1);
  stop();
});
