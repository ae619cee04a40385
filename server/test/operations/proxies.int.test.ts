import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io } from 'socket.io-client';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Availability } from '#shared/event.ts';
import type { Undoing } from '../support/database/test-database.ts';
import type { Proxy, ProxyRequest } from '../support/operations/proxy.ts';
import { ask, NGINX_IDLE_MS, startCaddy, startNginx } from '../support/operations/proxy.ts';
import type { Client } from '../support/test-app.ts';
import { commandsOf, connected, eventInput, pushed, testApp } from '../support/test-app.ts';

/** A fresh checkout fetches both proxies first. */
const FETCH_WITHIN_MS = 240_000;

const METRICS_TOKEN = 'a-token-for-prometheus';
/** As much shorter than the proxy's patience as 15 s are than 90 s. */
const HEARTBEAT_MS = NGINX_IDLE_MS / 6;
/** Heartbeats in one and a half times the proxy's patience. */
const HEARTBEATS = 9;

const PROXIES = [
  { example: 'ops/nginx.conf', start: startNginx, client: '127.0.0.2', neighbour: '127.0.0.3' },
  { example: 'ops/Caddyfile', start: startCaddy, client: '127.0.0.4', neighbour: '127.0.0.5' },
];

/** What is undone after all tests of a describe. */
function undoneLater() {
  const undos: (() => unknown)[] = [];
  const t: Undoing = { onTestFinished: (undo) => void undos.push(undo) };
  const undo = async () => {
    for (const step of undos.toReversed()) await step();
  };
  return { t, undo };
}

/** Opens a client of the proxy, as a page does. */
function open(t: Undoing, { port, ca }: Proxy, namespace: string, more: Parameters<typeof io>[1]): Client {
  const extraHeaders = { origin: 'https://localhost' };
  const options = { transports: ['websocket'], forceNew: true, autoConnect: false, ca, extraHeaders };
  const socket: Client = io(`https://localhost:${port}${namespace}`, { ...options, ...more });
  t.onTestFinished(async () => void socket.disconnect());
  return socket;
}

/** A watcher through the proxy that sends nothing by itself. */
async function idleWatcher(t: Undoing, proxy: Proxy, transport: 'websocket' | 'polling') {
  const socket = await connected(open(t, proxy, '/public', { transports: [transport] }));
  const { promise: isOld, resolve } = Promise.withResolvers<void>();
  let beats = 0;
  socket.io.on('ping', () => {
    beats += 1;
    if (beats === HEARTBEATS) resolve();
  });
  return { socket, id: socket.id, isOld };
}

describe('a server behind', () => {
  const later = undoneLater();
  let app: Awaited<ReturnType<typeof testApp>>;
  const behind = new Map<string, { proxy: Proxy; watchers: Awaited<ReturnType<typeof idleWatcher>>[] }>();

  beforeAll(async () => {
    const env = { PUBLIC_URL: 'https://localhost', TRUST_PROXY: '127.0.0.1', METRICS_TOKEN };
    app = await testApp(later.t, { env, socketLimits: { pingIntervalMs: HEARTBEAT_MS } });
    for (const { example, start } of PROXIES) {
      const proxy = await start(later.t, Number(new URL(app.url).port));
      const watchers = [await idleWatcher(later.t, proxy, 'websocket'), await idleWatcher(later.t, proxy, 'polling')];
      behind.set(example, { proxy, watchers });
    }
    return later.undo;
  }, FETCH_WITHIN_MS);

  describe.each(PROXIES)('$example', ({ example, client, neighbour }) => {
    function world() {
      const found = behind.get(example);
      if (!found) throw new Error(`${example} is not started`);
      const send = (path: string, options?: ProxyRequest) => ask(found.proxy, path, options);
      const post = (path: string, body: object, { headers, ...more }: ProxyRequest = {}) =>
        send(path, {
          ...more,
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', origin: 'https://localhost', ...headers },
        });
      return { ...found, send, post };
    }

    it('lets clients register, book and see pushes over TLS, and keeps idle connections', async (t) => {
      const { proxy, watchers, post } = world();
      const { must } = await app.admin();
      const { id: eventId } = await must('createEvent', eventInput({ totalSeats: 10 }));

      const account = { name: 'Alice', email: `alice-${randomUUID()}@example.org`, password: 'correct horse' };
      const registered = await post('/api/auth/register', account);
      expect(registered.status).toBe(201);
      expect(registered.headers['set-cookie']?.[0]).toContain('Secure');
      expect(registered.headers['strict-transport-security']).toBe('max-age=31536000');
      const { token } = JSON.parse(registered.body) as { token: string };

      const buyer = await connected(open(t, proxy, '/booking', { auth: { token } }));
      expect(buyer.io.engine.transport.name).toBe('websocket');
      await Promise.all(watchers.map(({ isOld }) => isOld));
      const seen = watchers.map(({ socket }) => pushed(socket, 'availabilityChanged', hasSold(eventId, 3)));
      const booked = await commandsOf(buyer).must('book', { requestId: randomUUID(), eventId, seats: 3 });
      expect(booked).toMatchObject({ status: 'confirmed', seats: 3 });
      await Promise.all(seen);
      expect(watchers.map(({ socket }) => socket.id)).toEqual(watchers.map(({ id }) => id));
    });

    it('counts requests by the address of each client, whatever the client says of it', async () => {
      const { post } = world();
      const forgot = (from: string, forged: string) =>
        post('/api/auth/forgot', {}, { from, headers: { 'x-forwarded-for': forged, forwarded: `for=${forged}` } });
      const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => forgot(client, `203.0.113.${index}`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
      expect((await forgot(client, '203.0.113.99')).status).toBe(429);
      expect((await forgot(neighbour, client)).status).toBe(400);
    });

    it('answers 404 for /metrics, also to a reader who knows the token', async () => {
      const { send } = world();
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
      expect((await fetch(`${app.url}/metrics`, { headers })).status).toBe(200);
      for (const path of ['/metrics', '/metrics/', '/metrics?x=1', '//metrics', '/%6detrics', '/./metrics']) {
        const { status, body } = await send(path, { headers });
        expect([path, status]).toEqual([path, 404]);
        expect(body).not.toContain('frontrow_');
      }
    });
  });

  it('ops/nginx.conf is asked by https: visitors of http are sent there', async () => {
    const plainPort = behind.get('ops/nginx.conf')?.proxy.plainPort;
    const answer = await fetch(`http://localhost:${plainPort}/events/1?x=2`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([301, 'https://localhost/events/1?x=2']);
  });
});

/** A server that takes bodies of any size; resolves with its port, and the size of the last whole body. */
async function greedyServer(t: Undoing) {
  const received: number[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => {
      received.push(bytes);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.onTestFinished(async () => void server.close().closeAllConnections());
  return { port: (server.address() as AddressInfo).port, received };
}

it.each(PROXIES)('$example lets bodies pass up to 64 KB, and pictures up to 15 MB', async ({ start }) => {
  const { t, undo } = undoneLater();
  try {
    const { port, received } = await greedyServer(t);
    const proxy = await start(t, port);
    const put = async (path: string, bytes: number) =>
      (await ask(proxy, path, { method: 'PUT', body: Buffer.alloc(bytes) })).status;
    const picture = `/api/events/${'a'.repeat(24)}/image`;
    expect(await put('/api/auth/me', 60_000)).toBe(204);
    expect(await put('/api/auth/me', 100_000)).toBeGreaterThanOrEqual(400);
    expect(await put(picture, 14_900_000)).toBe(204);
    expect(await put(picture, 16_000_000)).toBeGreaterThanOrEqual(400);
    expect(received).toEqual([60_000, 14_900_000]);
  } finally {
    await undo();
  }
});

function hasSold(eventId: string, seats: number) {
  return ({ changes }: { changes: readonly Availability[] }) =>
    changes.some((change) => change.eventId === eventId && change.soldSeats === seats);
}
