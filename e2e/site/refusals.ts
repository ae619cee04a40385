import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Page } from '@playwright/test';
import { MongoClient } from 'mongodb';
import type { Refusal } from '#shared/protocol/errors.ts';
import { databaseProxy } from '../../server/test/support/database/database-proxy.ts';
import { connectRemote, type Remote } from './organiser.ts';

/** What makes a server refuse for a while, from outside, with nothing of its own changed. */
export interface Failure {
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** The database answers and takes no writes, as with a full disk. */
export function writesBlocked(mongoUri: string): Failure {
  const block = async (global: boolean) => {
    const client = await MongoClient.connect(mongoUri);
    await client.db('admin').command({ setUserWriteBlockMode: 1, global });
    await client.close();
  };
  return { begin: () => block(true), end: () => block(false) };
}

/** A way to the database on which everything stands still until it goes on. */
export async function stallingDatabase(mongoUri: string) {
  let isStalled = false;
  const passers: (() => void)[] = [];
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (packet: Buffer) => (isStalled ? passers.push(() => to.write(packet)) : to.write(packet)));
  };
  const proxy = await databaseProxy((inner, outer) => {
    pass(inner, outer);
    pass(outer, inner);
  });
  return {
    uri: proxy.through(mongoUri),
    close: proxy.close,
    stall: () => void (isStalled = true),
    goOn() {
      isStalled = false;
      for (const passOn of passers.splice(0)) passOn();
    },
  };
}

/** Sends what is refused whenever its turn comes, until a queue is full. */
export async function fillQueue(remote: Remote, eventId: string): Promise<void> {
  const price = { amount: 1, currency: 'EUR' };
  const atWrongPrice = () => remote.must('book', { requestId: randomUUID(), eventId, seats: 1, price });
  // More than a server lets wait for one event.
  const all = Array.from({ length: 11_000 }, atWrongPrice);
  await Promise.race(all).catch(() => undefined);
  for (const one of all) one.catch(() => undefined);
}

/** Other devices of the same person, which spend all that one person may send as soon as they may, while they are told to. */
export async function connectSpenders(url: string, token: string) {
  // One connection alone may not send so much.
  const spenders = Array.from({ length: 8 }, () => connectRemote(url, token));
  await Promise.all(spenders.map(({ must }) => must('clock', {})));
  let isSpending = false;
  // Refused by its input; whoever sends it has paid for it all the same.
  const pay = ({ must }: Remote) => must('book', { requestId: '', eventId: '', seats: 0 }).catch(() => undefined);
  const goOn = async (one: Remote) => {
    while (isSpending) await pay(one);
  };
  return {
    async begin() {
      isSpending = true;
      await Promise.all(spenders.flatMap((one) => Array.from({ length: 20 }, () => pay(one))));
      for (const one of spenders) void goOn(one);
    },
    end: async () => void (isSpending = false),
    close: () => spenders.forEach((one) => one.close()),
  };
}

/** What a page has sent as bookings, and how each was refused. */
export interface Tries {
  requestIds: string[];
  refusals: Refusal[];
}

/** Passes everything on as it is, and notes the bookings among it. */
export async function noteTries(page: Page): Promise<Tries> {
  const tries: Tries = { requestIds: [], refusals: [] };
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const asked = new Set<string>();
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const [, id, input] = /^42\/booking,(\d+)(\["book".*)$/.exec(String(message)) ?? [];
      if (id !== undefined && input !== undefined) {
        asked.add(id);
        tries.requestIds.push((JSON.parse(input) as [string, { requestId: string }])[1].requestId);
      }
      server.send(message);
    });
    server.onMessage((message) => {
      const [, id = '', answer] = /^43\/booking,(\d+)(\[.*)$/.exec(String(message)) ?? [];
      if (answer !== undefined && asked.has(id)) {
        const [reply] = JSON.parse(answer) as [{ ok: boolean; error: Refusal }];
        if (!reply.ok) tries.refusals.push(reply.error);
      }
      socket.send(message);
    });
  });
  return tries;
}
