import { randomUUID } from 'node:crypto';
import type { TestContext } from 'vitest';
import { expect } from 'vitest';
import { io } from 'socket.io-client';
import type { Booking } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { RETRYABLE } from './outcomes.ts';
import { startServer } from './server-process.ts';
import type { Client, Person } from './test-app.ts';
import { commandsOf, connected, eventInput } from './test-app.ts';

const PASSWORD = 'correct horse';
const ADMIN = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: PASSWORD };

/** A server process on this database, without rate limits and with an admin account. */
export async function busyServer(t: Pick<TestContext, 'onTestFinished'>, mongoUri: string) {
  const server = await startServer({ MONGO_URI: mongoUri, RATE_LIMITS: 'off', ...ADMIN });
  t.onTestFinished(async () => {
    server.signal('SIGCONT');
    await server.end('SIGKILL');
  });
  return server;
}

/** Registers an account, or logs the admin in for `admin`. Returns the session's token. */
export async function tokenOf(url: string, who: string): Promise<string> {
  const admin = who === 'admin';
  const email = admin ? ADMIN.ADMIN_EMAIL : `${who}@example.org`;
  const response = await fetch(`${url}/api/auth/${admin ? 'login' : 'register'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD, ...(admin ? {} : { name: who }) }),
  });
  return ((await response.json()) as { token: string }).token;
}

/** Connects the account of the token to a server; the connection closes at the test's end. */
export async function at(t: Pick<TestContext, 'onTestFinished'>, url: string, token: string) {
  const socket: Client = io(`${url}/booking`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { token },
    autoConnect: false,
  });
  t.onTestFinished(() => void socket.disconnect());
  await connected(socket);
  return { socket, ...commandsOf(socket) };
}

export async function newEvent(
  t: Pick<TestContext, 'onTestFinished'>,
  url: string,
  totalSeats: number,
  more: Parameters<typeof eventInput>[0] = {},
) {
  const { must } = await at(t, url, await tokenOf(url, 'admin'));
  return (await must('createEvent', eventInput({ totalSeats, ...more }))).id;
}

/** A booking request and its reply; null if no reply came. */
export interface Asked {
  token: string;
  input: { requestId: string; eventId: string; seats: number };
  reply: Result<Booking> | null;
}

/** Sends a booking with the same request id until it succeeds; every refusal before must be a retryable one. */
export async function untilBooked(send: Person['send'], input: Asked['input']): Promise<Booking> {
  for (;;) {
    const reply = await send('book', input);
    if (reply.ok) return reply.data;
    expect(RETRYABLE).toContain(reply.error.code);
  }
}

/** Books single seats until the connection is lost or `enough` is true; `asked` gets each request before its reply. */
export async function bookOn(
  { send, socket }: Pick<Person, 'send'> & { socket: Client },
  token: string,
  eventId: string,
  { asked, enough }: { asked: Asked[]; enough: () => boolean },
): Promise<void> {
  const lost = new Promise<null>((resolve) => socket.once('disconnect', () => resolve(null)));
  while (!enough() && socket.connected) {
    const one: Asked = { token, input: { requestId: randomUUID(), eventId, seats: 1 }, reply: null };
    asked.push(one);
    one.reply = await Promise.race([send('book', one.input), lost]);
  }
}
