import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';
import { startServer } from '../support/server-process.ts';
import type { Client, Person } from '../support/test-app.ts';
import { commandsOf, connected, eventInput, storedEvent, testApp } from '../support/test-app.ts';

const CLIENTS = 6;
const SEATS_EACH = 18;
/** Time limit that allows for slow starts of several processes on a busy machine. */
const TIMEOUT_MS = 120_000;

type Buyer = Pick<Person, 'send'>;

/** Starts `count` servers, each a process of its own, with buyers at each of them. */
async function open(t: Parameters<typeof testApp>[0], count: number) {
  const app = await testApp(t, { env: { RATE_LIMITS: 'off' } });
  const user = await app.register('anna');
  const settings = { MONGO_URI: app.mongoUri, RATE_LIMITS: 'off', LOG_LEVEL: 'error' };
  const servers = await Promise.all(Array.from({ length: count }, () => startServer(settings)));
  const sockets: Client[] = [];
  t.onTestFinished(async () => {
    for (const socket of sockets) socket.disconnect();
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
  });
  const buyer = async (url: string): Promise<Buyer> => {
    const auth = { token: user.token };
    const socket: Client = io(`${url}/booking`, {
      transports: ['websocket'],
      forceNew: true,
      auth,
      autoConnect: false,
    });
    sockets.push(socket);
    return commandsOf(await connected(socket));
  };
  const at = servers.map(({ url }) => Promise.all(Array.from({ length: CLIENTS }, () => buyer(url))));
  const { id: eventId } = await (await app.admin()).must('createEvent', eventInput({ totalSeats: SEATS_EACH * count }));
  return { app, eventId, crowds: await Promise.all(at) };
}

/** Books single seats until none is left; some requests are also sent over a connection to another server. */
async function buyOut(buyer: Buyer, other: Buyer, eventId: string): Promise<string[]> {
  const bought: string[] = [];
  for (let n = 0; ; n += 1) {
    const request = { requestId: randomUUID(), eventId, seats: 1 };
    const asked = n % 3 === 0 ? [buyer, other] : [buyer];
    const replies = await Promise.all(asked.map(({ send }) => send('book', request)));
    const ids = new Set(replies.flatMap((reply) => (reply.ok ? [reply.data.id] : [])));
    expect(ids.size, 'bookings of one request').toBeLessThanOrEqual(1);
    for (const reply of replies) if (!reply.ok) expect(reply.error.code).toBe('SOLD_OUT');
    bought.push(...ids);
    if (ids.size === 0) return bought;
  }
}

test.for([2, 4])(
  '[I1] [I2] [I3] [F8] %i servers sell one event together, and sell each seat once',
  { timeout: TIMEOUT_MS },
  async (count, t) => {
    const { app, eventId, crowds } = await open(t, count);
    const bought = await Promise.all(
      crowds.flatMap((crowd, server) =>
        crowd.map((buyer, n) => buyOut(buyer, crowds[(server + 1) % count]?.[n] ?? buyer, eventId)),
      ),
    );
    const ids = bought.flat();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(SEATS_EACH * count);
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 0, soldSeats: SEATS_EACH * count });
  },
);
