import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import mongoose from 'mongoose';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { pushes } from '#shared/protocol/pushes.ts';
import { ask, happens, liveWorld } from '../../test/support/live-world.ts';
import type { Client } from '../../test/support/test-app.ts';
import { pushed } from '../../test/support/test-app.ts';

const t = { onTestFinished };

describe('the namespaces', () => {
  it('greet with welcome: visitors at /public, users at /booking', async () => {
    const world = await liveWorld(t);
    const { token, userId } = await world.person('admin');
    const visitor = world.client('/public');
    const first = new Promise((resolve) => visitor.onAny((name: string) => resolve(name)));
    const welcome = await pushed(visitor, 'welcome');
    expect(await first).toBe('welcome');
    expect(pushes.welcome.parse(welcome)).toMatchObject({ protocol: 1, user: null, payments: 'demo' });
    const member = world.client('/booking', { auth: { token } });
    expect(await pushed(member, 'welcome')).toMatchObject({ user: { id: userId, role: 'admin' } });
  });

  it('refuse at /booking a client without a genuine token', async () => {
    const world = await liveWorld(t);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
    const tokens = [undefined, '', 'garbage', 'x'.repeat(8_192), { $ne: null }, 1, ['a'], unsigned];
    for (const token of tokens) {
      const error = await happens(world.client('/booking', { auth: { token } }), 'connect_error');
      expect(error).toMatchObject({ message: 'UNAUTHENTICATED', data: { code: 'UNAUTHENTICATED' } });
    }
  });

  it('take the token from auth, the Authorization header or the cookie, each of its own user', async () => {
    const world = await liveWorld(t);
    const [alice, bob, carol] = [await world.person(), await world.person(), await world.person()];
    const byAuth = world.client('/booking', { auth: { token: alice.token } });
    const byHeader = world.client('/booking', { extraHeaders: { authorization: `Bearer ${bob.token}` } });
    const byCookie = world.client('/booking', { extraHeaders: { cookie: `session=${carol.token}` } });
    const users = await Promise.all([byAuth, byHeader, byCookie].map((client) => pushed(client, 'welcome')));
    expect(users.map(({ user }) => user?.id)).toEqual([alice.userId, bob.userId, carol.userId]);
  });

  it('are /booking and /public, and no others', async () => {
    const world = await liveWorld(t);
    for (const name of ['/', '/other'] as const) {
      expect(await happens(world.client(name), 'connect_error')).toMatchObject({ message: 'Invalid namespace' });
    }
  });

  it('refuse sessions that were ended, have expired or lost their account', async () => {
    const world = await liveWorld(t);
    const [ended, expired, deleted] = [await world.person(), await world.person(), await world.person()];
    await world.app.sessions.end(ended.session._id, 'logged_out');
    await world.app.models.sessions.updateOne({ _id: expired.session._id }, { $set: { expiresAt: new Date() } });
    await world.app.models.users.deleteOne({ _id: deleted.user._id });
    for (const { token } of [ended, expired, deleted]) {
      const refused = world.client('/booking', { auth: { token } });
      expect(await happens(refused, 'connect_error')).toMatchObject({ message: 'UNAUTHENTICATED' });
    }
  });
});

describe('the transport', () => {
  const engine = 'EIO=4&transport=polling';

  it('refuses foreign origins on polling and on the upgrade, also for a transport that is open', async () => {
    const world = await liveWorld(t);
    const own = world.url;
    const foreign = ['https://evil.test', 'null', `${own}.evil.test`, own.replace('127.0.0.1', '127.0.0.10')];
    for (const origin of foreign) {
      const polling = await fetch(`${own}/socket.io/?${engine}`, { headers: { origin } });
      expect([origin, polling.status]).toEqual([origin, 403]);
      expect([origin, await upgrade(world.url, { origin })]).toEqual([origin, 'refused']);
    }
    for (const headers of [{ origin: own }, {}]) {
      const polling = await fetch(`${own}/socket.io/?${engine}`, { headers });
      expect(polling.status).toBe(200);
      expect(await upgrade(world.url, headers)).toBe('upgraded');
      const sid = (JSON.parse((await polling.text()).slice(1)) as { sid: string }).sid;
      const later = await fetch(`${own}/socket.io/?${engine}&sid=${sid}`, { headers: { origin: 'https://evil.test' } });
      expect(later.status).toBe(403);
    }
  });

  it('admits pages of CORS_ORIGINS, with credentials', async () => {
    const world = await liveWorld(t, { env: { CORS_ORIGINS: 'https://shop.example.org' } });
    const headers = { origin: 'https://shop.example.org' };
    const reply = await fetch(`${world.url}/socket.io/?${engine}`, { headers });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('access-control-allow-origin')).toBe('https://shop.example.org');
    expect(reply.headers.get('access-control-allow-credentials')).toBe('true');
    expect(reply.headers.get('set-cookie')).toBeNull();
  });

  it('refuses an older protocol version', async () => {
    const world = await liveWorld(t);
    const reply = await fetch(`${world.url}/socket.io/?EIO=3&transport=polling`);
    expect([reply.status, await reply.json()]).toEqual([400, { code: 5, message: 'Unsupported protocol version' }]);
  });

  it('closes a transport that joins no namespace', async () => {
    const world = await liveWorld(t, { socketLimits: { connectTimeoutMs: 50 } });
    const idle = new WebSocket(`${world.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    await once(idle, 'close');
    expect(world.app.sockets.counts.transports).toBe(0);
  });

  it('survives frames that are too large and packets that are malformed', async () => {
    const world = await liveWorld(t);
    const wrong = [
      '4x',
      '42',
      '42/public,["error","boom"]',
      '45999999-/public,["clock"]',
      '2probe',
      'ÿ',
      '40{"a":',
      '42["a"',
    ];
    const deep = `451-/public,["clock",${'['.repeat(30_000)}${']'.repeat(30_000)}]`;
    for (const packet of [...wrong, deep, `42/public,["clock","${'x'.repeat(70_000)}"]`]) {
      const raw = new WebSocket(`${world.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
      await once(raw, 'open');
      raw.send('40/public,');
      raw.send(packet);
      raw.close();
      await once(raw, 'close');
    }
    expect(await ask(await world.welcomed('/public'), 'clock', {})).toMatchObject({ ok: true });
  });

  it('[F11] closes the transport of a client that does not read, and no other', async () => {
    // A long heartbeat, so that only the limit of the client's send queue can detect the client.
    const heartbeat = { pingIntervalMs: 3_600_000, pingTimeoutMs: 3_600_000 };
    const queue = { packets: 50, bytes: 100_000 };
    const world = await liveWorld(t, { socketLimits: { sweepMs: 20, queue, ...heartbeat } });
    const eventId = await world.createEvent({ description: 'x'.repeat(5_000) });
    const event = await world.app.models.events.findById(eventId).lean();
    const other = await world.welcomed('/public');
    const stuck = await world.welcomed('/public');
    // Plays a sleeping client machine: sent data stays in the connection.
    const ws = webSocketOf(stuck);
    ws.pause();
    const back = pushed(stuck, 'welcome');
    const stopped = flood(world, event, other);
    const closed = new Promise<void>((resolve) => {
      const watch = setInterval(() => world.app.sockets.counts.transports === 1 && resolve(), 10);
      onTestFinished(() => clearInterval(watch));
    });
    await closed;
    stopped();
    expect(await ask(other, 'clock', {})).toMatchObject({ ok: true });
    expect(other.connected).toBe(true);
    ws.resume();
    await back;
  });
});

describe('a flood of commands', () => {
  /** Counts the commands that succeeded, and those refused with a time to retry. */
  const refusals = async (pending: Promise<Result<unknown>>[]) => {
    const replies = await Promise.all(pending);
    const isLimited = ({ code, retryAfterMs = 0 }: Refusal) => code === 'RATE_LIMITED' && retryAfterMs > 0;
    return {
      ok: replies.filter((reply) => reply.ok).length,
      limited: replies.filter((reply) => !reply.ok && isLimited(reply.error)).length,
    };
  };

  it('on one socket is answered RATE_LIMITED, and another user is not delayed', async () => {
    const world = await liveWorld(t);
    const [mallory, alice] = [
      await world.signedIn((await world.person()).token),
      await world.signedIn((await world.person()).token),
    ];
    const flood = refusals(Array.from({ length: 1_000 }, () => ask(mallory, 'clock', {})));
    expect(await ask(alice, 'clock', {})).toMatchObject({ ok: true });
    const { ok, limited } = await flood;
    expect(ok + limited).toBe(1_000);
    expect(ok).toBeGreaterThanOrEqual(40);
    expect(ok).toBeLessThan(200);
  });

  it('over twenty sockets of one user meets the budget of that user', async () => {
    const world = await liveWorld(t);
    const { token } = await world.person();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => world.signedIn(token)));
    const { ok, limited } = await refusals(
      sockets.flatMap((socket) => Array.from({ length: 30 }, () => ask(socket, 'clock', {}))),
    );
    expect(ok + limited).toBe(600);
    expect(ok).toBeLessThan(300);
  });

  it('is allowed if the limits are off', async () => {
    const world = await liveWorld(t, { env: { RATE_LIMITS: 'off' } });
    const socket = await world.signedIn((await world.person()).token);
    const { ok } = await refusals(Array.from({ length: 1_000 }, () => ask(socket, 'clock', {})));
    expect(ok).toBe(1_000);
  });
});

describe('an outage of the database', () => {
  it('during a handshake closes the transport, so that standard clients reconnect by themselves', async () => {
    const world = await liveWorld(t);
    const { token } = await world.person();
    const { verify } = world.app.sessions;
    let failures = 0;
    world.app.sessions.verify = async () => {
      world.app.sessions.verify = verify;
      failures += 1;
      throw new mongoose.mongo.MongoNetworkError('reset');
    };
    const client = world.client('/booking', { auth: { token } });
    const refused: unknown[] = [];
    client.on('connect_error', (error) => refused.push(error.message));
    await pushed(client, 'welcome');
    expect(failures).toBe(1);
    expect(refused).not.toContain('UNAUTHENTICATED');
  });
});

describe('the end of the server', () => {
  it('[F12] answers commands in flight, refuses new ones, and pushes sessionEnded before clients reconnect', async () => {
    const gate = Promise.withResolvers<void>();
    const world = await liveWorld(t);
    world.app.bookings.get = async () => {
      await gate.promise;
      return refuse('NOT_FOUND', { message: 'late' });
    };
    const { token } = await world.person();
    const polling = await world.signedIn(token, { transports: ['polling'] });
    const socket = await world.signedIn(token);
    const visitor = await world.welcomed('/public');
    const inFlight = ask(socket, 'getBooking', { bookingId: 'a'.repeat(24) });
    await expect.poll(() => world.app.sockets.counts.inFlight).toBe(1);
    const reasons = Promise.all([polling, socket, visitor].map((client) => pushed(client, 'sessionEnded')));
    const gone = Promise.all([polling, socket, visitor].map((client) => happens(client, 'disconnect')));
    const closing = world.app.sockets.close();
    expect(await ask(socket, 'clock', {})).toMatchObject({
      ok: false,
      error: { code: 'UNAVAILABLE', retryAfterMs: 1_000 },
    });
    gate.resolve();
    expect(await inFlight).toMatchObject({ error: { message: 'late' } });
    expect(await reasons).toEqual(Array.from({ length: 3 }, () => ({ reason: 'server_closing' })));
    expect(await gone).not.toContain('io server disconnect');
    await closing;
    expect([polling, socket, visitor].map(({ active }) => active)).toEqual([true, true, true]);
  });

  it('[F12] does not wait for clients that have left', async () => {
    // It would wait longer than the test may take.
    const world = await liveWorld(t, { socketLimits: { closing: { stalledMs: 120_000, totalMs: 120_000 } } });
    const { token } = await world.person();
    const left = await world.signedIn(token);
    left.disconnect();
    await world.signedIn(token);
    await world.app.close();
  });

  it('[F12] waits for clients that read one after the other, and not for one that never reads', async () => {
    const closing = { stalledMs: 4_000, totalMs: 60_000 };
    const world = await liveWorld(t, { socketLimits: { queue: { packets: 1_000, bytes: 1e9 }, closing } });
    const clients = await Promise.all(Array.from({ length: 4 }, () => world.welcomed('/public')));
    for (const client of clients) webSocketOf(client).pause();
    // More than the buffers of a connection take: the rest waits in the server.
    const event = await world.app.models.events.findById(await world.createEvent()).lean();
    for (let version = 0; version < 200; version += 1) {
      const large = { ...event, version, description: 'x'.repeat(100_000) };
      world.app.sockets.audience.pushToEveryone('eventChanged', large as never);
    }
    const [, ...readers] = clients;
    const ended = world.app.sockets.close();
    for (const reader of readers) {
      // Together they take longer than the server waits for one.
      await sleep(1_500);
      const reason = pushed(reader, 'sessionEnded');
      webSocketOf(reader).resume();
      expect(await reason).toEqual({ reason: 'server_closing' });
    }
    await ended;
    expect(world.app.sockets.counts.transports).toBe(0);
  });

  it('[F12] does not wait for a handler that hangs, whose command is answered UNAVAILABLE', async () => {
    const world = await liveWorld(t, { socketLimits: { drainMs: 50 } });
    world.app.bookings.get = () => new Promise<never>(() => undefined);
    const socket = await world.signedIn((await world.person()).token);
    const reply = ask(socket, 'getBooking', { bookingId: 'a'.repeat(24) });
    await expect.poll(() => world.app.sockets.counts.inFlight).toBe(1);
    await world.app.sockets.close();
    expect(await reply).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
  });
});

/** The connection of a client, which does not read while it is paused. */
function webSocketOf(client: Client) {
  return (client.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } }).ws;
}

type World = Awaited<ReturnType<typeof liveWorld>>;

/** Pushes large events to all clients, each after the reader got the last one. Returns a function that stops this. */
function flood(world: World, event: unknown, reader: Client): () => void {
  let version = 0;
  const pour = () => {
    for (let index = 0; index < 10; index += 1) {
      version += 1;
      world.app.sockets.audience.pushToEveryone('eventChanged', { ...(event as object), version } as never);
    }
  };
  const read = (got: { version: number }) => {
    if (got.version === version) pour();
  };
  reader.on('eventChanged', read);
  pour();
  return () => void reader.off('eventChanged', read);
}

function upgrade(url: string, headers: Record<string, string>): Promise<'upgraded' | 'refused'> {
  return new Promise((resolve) => {
    const handshake = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const asked = request(`${url}/socket.io/?EIO=4&transport=websocket`, { headers: { ...headers, ...handshake } });
    asked.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve('upgraded');
    });
    asked.on('response', () => resolve('refused'));
    asked.on('error', () => resolve('refused'));
    asked.end();
  });
}
