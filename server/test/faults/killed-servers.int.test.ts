import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { connectMongo } from '#server/mongo/connect.ts';
import { expectAgreement } from '../support/database/agreement.ts';
import type { Asked } from '../support/burst.ts';
import { at, bookOn, busyServer, newEvent, tokenOf, untilBooked } from '../support/burst.ts';
import { RETRYABLE } from '../support/outcomes.ts';
import { databaseOf, testDatabaseUri } from '../support/database/test-database.ts';
import type { Client } from '../support/test-app.ts';
import { connected } from '../support/test-app.ts';

const PEOPLE = 6;
const SOCKETS = 4;
/** The number of onlookers that makes 1,000 connections together with the buyers' connections. */
const ONLOOKERS = 1_000 - PEOPLE * SOCKETS;

type Finish = Pick<TestContext, 'onTestFinished'>;

/** Buyers with several connections each to a server; `burst` makes all of them book at the same time. */
async function crowd(t: Finish, url: string, eventId: string, asked: Asked[], name = 'buyer') {
  const tokens = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => tokenOf(url, `${name}${i}`)));
  const sockets = await Promise.all(
    tokens.flatMap((token) => Array.from({ length: SOCKETS }, async () => ({ token, ...(await at(t, url, token)) }))),
  );
  return {
    tokens,
    burst: (enough: () => boolean) =>
      Promise.all(sockets.map((socket) => bookOn(socket, socket.token, eventId, { asked, enough }))),
  };
}

/** Sends each request again, to another server, until it has its booking. Returns the bookings' ids by request id. */
async function askAgain(t: Finish, url: string, asked: readonly Asked[]): Promise<Map<string, string>> {
  const tokens = [...new Set(asked.map(({ token }) => token))];
  const buyers = new Map(await Promise.all(tokens.map(async (token) => [token, await at(t, url, token)] as const)));
  const again = asked.map(async ({ token, input }) => {
    const { send } = buyers.get(token) ?? expect.fail('The buyer is not connected');
    return [input.requestId, (await untilBooked(send, input)).id] as const;
  });
  return new Map(await Promise.all(again));
}

/** [I3] [I4] Each request has one booking; an acknowledged booking is that one. */
async function expectOneBookingEach(
  uri: string,
  eventId: string,
  asked: readonly Asked[],
  again: ReadonlyMap<string, string>,
) {
  for (const { input, reply } of asked) if (reply?.ok) expect(again.get(input.requestId)).toBe(reply.data.id);
  const connection = await connectMongo(uri);
  const database = databaseOf(connection);
  expect(await database.collection('bookings').distinct('requestId')).toHaveLength(asked.length);
  expect(await database.collection('bookings').countDocuments()).toBe(asked.length);
  const events = await database.collection('events').find().toArray();
  expect(events.map(({ _id, soldSeats }) => [String(_id), soldSeats as number])).toEqual([[eventId, asked.length]]);
  await expectAgreement(database);
  await connection.close();
}

/** Signed-out onlookers with a connection each. Returns how many were notified that the server closes. */
async function lookOn(t: Finish, url: string, count: number): Promise<() => number> {
  let notified = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket: Client = io(`${url}/public`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
    });
    socket.on('sessionEnded', ({ reason }) => void (notified += Number(reason === 'server_closing')));
    return socket;
  });
  t.onTestFinished(() => sockets.forEach((socket) => socket.disconnect()));
  // Connect in groups of 100, because the listen backlog of the server is limited.
  for (let from = 0; from < count; from += 100) await Promise.all(sockets.slice(from, from + 100).map(connected));
  return () => notified;
}

const acknowledged = (asked: readonly Asked[]) => asked.filter(({ reply }) => reply?.ok).length;

describe('a server in a burst of bookings', () => {
  it('[F7] [I3] [I4] is killed with -9 and restarted: acknowledged bookings are stored, each request has one booking', async (t) => {
    const uri = testDatabaseUri();
    const first = await busyServer(t, uri);
    const eventId = await newEvent(t, first.url, 5_000);
    const asked: Asked[] = [];
    const { burst } = await crowd(t, first.url, eventId, asked);
    const over = burst(() => false);
    await expect.poll(() => acknowledged(asked), { timeout: 20_000, interval: 5 }).toBeGreaterThan(200);
    await first.end('SIGKILL');
    await over;
    const unanswered = asked.length - acknowledged(asked);
    expect(unanswered).toBeGreaterThan(0);
    const second = await busyServer(t, uri);
    await expectOneBookingEach(uri, eventId, asked, await askAgain(t, second.url, asked));
  }, 90_000);

  it('[F12] [I3] [I4] [I8] gets SIGTERM with 1,000 connections: it answers or lets retry each command, pushes sessionEnded, and ends in time', async (t) => {
    const uri = testDatabaseUri();
    const first = await busyServer(t, uri);
    const eventId = await newEvent(t, first.url, 5_000);
    const notified = await lookOn(t, first.url, ONLOOKERS);
    const asked: Asked[] = [];
    const { burst } = await crowd(t, first.url, eventId, asked);
    const over = burst(() => false);
    await expect.poll(() => acknowledged(asked), { timeout: 20_000, interval: 5 }).toBeGreaterThan(200);
    // After its ten seconds a server ends itself with exit code 1.
    expect(await first.end('SIGTERM')).toBe(0);
    await over;
    for (const { reply } of asked) if (reply && !reply.ok) expect(RETRYABLE).toContain(reply.error.code);
    await expect.poll(notified, { timeout: 15_000 }).toBe(ONLOOKERS);
    const second = await busyServer(t, uri);
    await expectOneBookingEach(uri, eventId, asked, await askAgain(t, second.url, asked));
  }, 90_000);

  it('[F7] [I3] [I4] is killed while another server sells the same event: the other server continues', async (t) => {
    const uri = testDatabaseUri();
    const [killed, other] = await Promise.all([busyServer(t, uri), busyServer(t, uri)]);
    const eventId = await newEvent(t, killed.url, 20_000);
    const [askedKilled, askedOther]: [Asked[], Asked[]] = [[], []];
    const crowds = [
      await crowd(t, killed.url, eventId, askedKilled, 'early'),
      await crowd(t, other.url, eventId, askedOther, 'late'),
    ];
    let enough = false;
    const over = crowds.map(({ burst }) => burst(() => enough));
    for (const asked of [askedKilled, askedOther]) {
      await expect.poll(() => acknowledged(asked), { timeout: 20_000, interval: 5 }).toBeGreaterThan(100);
    }
    await killed.end('SIGKILL');
    const before = acknowledged(askedOther);
    await expect.poll(() => acknowledged(askedOther), { timeout: 20_000, interval: 5 }).toBeGreaterThan(before + 100);
    enough = true;
    await Promise.all(over);
    // No buyer at the other server had to retry: that server went on within a command's timeout.
    for (const { reply } of askedOther) expect(reply).toMatchObject({ ok: true });
    const asked = [...askedKilled, ...askedOther];
    await expectOneBookingEach(uri, eventId, asked, await askAgain(t, other.url, asked));
  }, 90_000);

  it('[F6] [I3] [I4] [I8] is frozen while another server sells, and answers correctly once it runs again', async (t) => {
    const uri = testDatabaseUri();
    const [frozen, other] = await Promise.all([busyServer(t, uri), busyServer(t, uri)]);
    const eventId = await newEvent(t, frozen.url, 5_000);
    const asked: Asked[] = [];
    const { burst, tokens } = await crowd(t, frozen.url, eventId, asked);
    let enough = false;
    const over = burst(() => enough);
    await expect.poll(() => acknowledged(asked), { timeout: 20_000, interval: 5 }).toBeGreaterThan(100);
    frozen.signal('SIGSTOP');
    enough = true;
    // The other server sells within a command's timeout, whatever the frozen server has locked.
    const meanwhile: Asked = {
      token: tokens[0] ?? '',
      input: { requestId: randomUUID(), eventId, seats: 1 },
      reply: null,
    };
    const buyer = await at(t, other.url, meanwhile.token);
    meanwhile.reply = await buyer.send('book', meanwhile.input);
    expect(meanwhile.reply).toMatchObject({ ok: true });
    asked.push(meanwhile);
    frozen.signal('SIGCONT');
    await over;
    for (const { reply } of asked) if (reply && !reply.ok) expect(RETRYABLE).toContain(reply.error.code);
    await expectOneBookingEach(uri, eventId, asked, await askAgain(t, other.url, asked));
    expect(await frozen.end('SIGTERM')).toBe(0);
  }, 90_000);
});

it('[F8] ten copies of a request on three connections and two servers get one booking and equal answers', async (t) => {
  const uri = testDatabaseUri();
  const [one, other] = await Promise.all([busyServer(t, uri), busyServer(t, uri)]);
  const eventId = await newEvent(t, one.url, 50);
  const token = await tokenOf(one.url, 'alice');
  const [first, second, third] = [
    await at(t, one.url, token),
    await at(t, one.url, token),
    await at(t, other.url, token),
  ];
  const input = { requestId: randomUUID(), eventId, seats: 2 };
  const turns = [first, second, third, first, second, third, first, second, third, first];
  const replies = await Promise.all(turns.map(({ send }) => send('book', input)));
  expect(replies[0]).toMatchObject({ ok: true, data: { seats: 2, requestId: input.requestId } });
  for (const reply of replies) expect(reply).toEqual(replies[0]);
  const { bookings } = await third.must('listBookings', {});
  expect([{ ok: true, data: bookings[0] }]).toEqual([replies[0]]);
  expect(bookings).toHaveLength(1);
}, 60_000);
