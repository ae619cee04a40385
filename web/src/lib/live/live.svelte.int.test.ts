import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { Manager } from 'socket.io-client';
import { expect, test, type TestContext } from 'vitest';
import type { User } from '#shared/account.ts';
import { aBooking } from './fixtures.ts';
import { Live } from './live.svelte.ts';

const anna: User = {
  id: 'a'.repeat(24),
  name: 'Anna',
  email: 'anna@example.org',
  verified: false,
  hasPassword: true,
  locale: 'de',
  role: 'user',
  createdAt: '2026-01-01T00:00:00.000Z',
};
const SERVER_TIME = '2026-10-14T12:00:00.000Z';
const SESSION_ENDS_AT = '2026-10-15T00:00:00.000Z';

/** The account of a visitor who holds seats before signing in. */
const visitor: User = { ...anna, id: 'c'.repeat(24), name: '', email: '', hasPassword: false, provisional: true };

/** A server on a real port that accepts a session, Anna's at first, while it lasts, and the live state of a page connected to it. */
async function page(t: Pick<TestContext, 'onTestFinished'>) {
  const session = { lasts: true, user: anna };
  const http = createServer();
  const io = new Server(http);
  const arrivals: { name: string; socket: Socket }[] = [];
  let arrived: () => void = () => undefined;
  io.of('/booking').use((_, next) => next(session.lasts ? undefined : new Error('UNAUTHENTICATED')));
  for (const name of ['/public', '/booking']) {
    io.of(name).on('connection', (socket) => {
      socket.on('clock', (_, acknowledge) => acknowledge({ ok: true, data: { serverTime: SERVER_TIME } }));
      socket.on('listBookings', (_, acknowledge) => {
        acknowledge({ ok: true, data: { bookings: [aBooking()], page: 1, limit: 50, total: 1 } });
      });
      socket.emit('welcome', { protocol: 1, serverTime: SERVER_TIME, user: name === '/booking' ? session.user : null });
      arrivals.push({ name, socket });
      arrived();
    });
  }
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const { port } = http.address() as AddressInfo;
  const answer = () =>
    Response.json(session.lasts ? { user: session.user, expiresAt: SESSION_ENDS_AT } : { user: null, expiresAt: null });
  const live = new Live({
    createManager: () =>
      new Manager(`http://127.0.0.1:${port}`, { autoConnect: false, transports: ['websocket'], reconnectionDelay: 10 }),
    now: Date.now,
    random: () => 0,
    tick: () => () => undefined,
    fetch: async () => answer(),
    locale: () => 'de',
    storage: { getItem: () => null, setItem: () => undefined, removeItem: () => undefined },
    newRequestId: () => 'request',
    sleepOrAbort: () => Promise.resolve(),
    pushBrowser: null,
  });
  t.onTestFinished(async () => {
    live.stop();
    await io.close();
  });
  const connected = () => new Promise<void>((resolve) => void live.connection.onConnected(resolve));
  /** The server's socket of the next connection; call it before the act that connects. */
  const nextArrival = () =>
    new Promise<{ name: string; socket: Socket }>((resolve) => {
      arrived = () => resolve(arrivals.at(-1) as (typeof arrivals)[number]);
    });
  return { live, session, connected, nextArrival };
}

/** The page of a user or visitor who is connected and whose booking is loaded; `socket` is the server's side of it. */
async function connectedPage(t: Pick<TestContext, 'onTestFinished'>, user = anna) {
  const { live, session, connected, nextArrival } = await page(t);
  session.user = user;
  const arrival = nextArrival();
  await live.start();
  const { socket } = await arrival;
  await expect.poll(() => live.bookings.all.length).toBe(1);
  return { live, session, connected, nextArrival, socket };
}

test('a signed-in user is connected to /booking, with bookings and the server clock loaded', async (t) => {
  const { live, nextArrival } = await page(t);
  const arrival = nextArrival();
  await live.start();
  expect((await arrival).name).toBe('/booking');
  await expect.poll(() => live.bookings.all.length).toBe(1);
  await expect.poll(() => Math.abs(live.clock.readMs() - Date.parse(SERVER_TIME)) < 60_000).toBe(true);
  expect(live.account.user).toEqual(anna);
});

test('a signed-out visitor is connected to /public', async (t) => {
  const { live, session, nextArrival } = await page(t);
  session.lasts = false;
  const arrival = nextArrival();
  await live.start();
  expect((await arrival).name).toBe('/public');
  expect(live.account.user).toBeNull();
});

test('when the server ends a session its reason is known, its bookings are cleared and the page connects to /public', async (t) => {
  const { live, session, nextArrival, socket } = await connectedPage(t);
  session.lasts = false;
  const second = nextArrival();
  socket.emit('sessionEnded', { reason: 'password_changed' });
  socket.disconnect();
  expect((await second).name).toBe('/public');
  expect(live.account.endedBecause).toBe('password_changed');
  expect(live.bookings.all).toEqual([]);
});

test('a session that ended while the page was disconnected is reported as expired on reconnect', async (t) => {
  const { live, session, nextArrival, socket } = await connectedPage(t);
  session.lasts = false;
  const second = nextArrival();
  socket.conn.close();
  expect((await second).name).toBe('/public');
  expect(live.account.user).toBeNull();
  expect(live.account.endedBecause).toBe('expired');
});

test('when the server closes the page reconnects with the same session', async (t) => {
  const { live, connected, socket } = await connectedPage(t);
  const back = connected();
  socket.emit('sessionEnded', { reason: 'server_closing' });
  socket.conn.close();
  await back;
  expect(live.connection.namespace).toBe('/booking');
  expect(live.account.user).toEqual(anna);
  expect(live.account.endedBecause).toBeNull();
});

test('a visitor who holds seats is connected to /booking with the hold, and is signed out otherwise', async (t) => {
  const { live, session, nextArrival } = await page(t);
  session.user = visitor;
  const arrival = nextArrival();
  await live.start();
  expect((await arrival).name).toBe('/booking');
  await expect.poll(() => live.bookings.all.length).toBe(1);
  expect([live.account.user, live.account.buyerId]).toEqual([null, visitor.id]);
});

test('a visitor whose connection is lost keeps account and hold, and is back in both', async (t) => {
  const { live, connected, socket } = await connectedPage(t, visitor);
  const back = connected();
  socket.conn.close();
  await back;
  // Its bookings have not been asked for again yet.
  expect([live.connection.namespace, live.account.buyerId]).toEqual(['/booking', visitor.id]);
  expect(live.bookings.all).toEqual([aBooking()]);
});

test('the end of a visitor’s session is no sign-out: the page goes on at /public and says nothing', async (t) => {
  const { live, session, nextArrival, socket } = await connectedPage(t, visitor);
  session.lasts = false;
  const second = nextArrival();
  socket.emit('sessionEnded', { reason: 'expired' });
  socket.disconnect();
  expect((await second).name).toBe('/public');
  expect([live.account.user, live.account.buyerId, live.account.endedBecause]).toEqual([null, null, null]);
  expect(live.bookings.all).toEqual([]);
});

test('a visitor who signs in with another tab is that user in this tab, too', async (t) => {
  const { live, session, nextArrival, socket } = await connectedPage(t, visitor);
  session.user = anna;
  const second = nextArrival();
  socket.emit('sessionEnded', { reason: 'expired' });
  socket.disconnect();
  expect((await second).name).toBe('/booking');
  expect([live.account.user, live.account.provisional, live.account.endedBecause]).toEqual([anna, null, null]);
  await expect.poll(() => live.bookings.all.length).toBe(1);
});
