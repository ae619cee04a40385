import { Types } from 'mongoose';
import type { Socket } from 'socket.io-client';
import type { io } from 'socket.io-client';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { Role } from '#shared/account.ts';
import type { EventInput } from '#shared/event.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Undoing } from './database/test-database.ts';
import { createEvent } from './engine-world.ts';
import type { Client, TestAppOptions } from './test-app.ts';
import { connected, testApp } from './test-app.ts';

type SocketOptions = Parameters<typeof io>[1];

/** A server for tests of connections, with accounts that need no registration, sessions and clients of any kind. */
export async function liveWorld(t: Undoing, options: TestAppOptions = {}) {
  const { app, mongoUri, url, clock, open } = await testApp(t, options);
  const { models, sessions } = app;

  /** An account with an open session. */
  async function person(role: Role = 'user') {
    const user = newUser(role);
    await models.users.collection.insertOne(user);
    const { session, token } = await sessions.open(user);
    return { user, userId: user._id.toHexString(), session, token, again: () => sessions.open(user) };
  }

  /** A client that begins to connect after the caller's synchronous code, which can still add listeners. */
  function client(namespace: `/${string}`, more: SocketOptions = {}): Client {
    return open(namespace, undefined, more).connect();
  }

  /** A client that has received `welcome`. */
  const welcomed = (namespace: '/booking' | '/public', more: SocketOptions = {}) =>
    connected(open(namespace, undefined, more));

  return {
    app,
    mongoUri,
    url,
    person,
    client,
    welcomed,
    signedIn: (token: string, more: SocketOptions = {}) => connected(open('/booking', token, more)),
    createEvent: (input: Partial<EventInput> = {}) => createEvent(app, clock.now(), input),
  };
}

export type LiveWorld = Awaited<ReturnType<typeof liveWorld>>;

/** Resolves at the client's next connect, disconnect or connect_error. */
export function happens(client: Client, name: 'connect' | 'disconnect' | 'connect_error'): Promise<unknown> {
  return new Promise((resolve) => client.once(name, resolve as () => void));
}

/** Sends a command without type checks, so that it can be malformed; resolves with the reply. */
export function ask(client: Client, command: string, ...args: unknown[]): Promise<Result<unknown>> {
  return (client as unknown as Socket).emitWithAck(command, ...args) as Promise<Result<unknown>>;
}

function newUser(role: Role): UserDoc {
  const _id = new Types.ObjectId();
  const email = `${_id.toHexString()}@example.org`;
  const createdAt = new Date('2026-11-01T12:00:00.000Z');
  return { _id, name: 'Somebody', email, passwordHash: '', verified: false, locale: 'en', role, createdAt };
}
