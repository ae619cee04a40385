import type { Page } from '@playwright/test';
import { MongoClient } from 'mongodb';
import type { Refusal } from '#shared/protocol/errors.ts';
import { connectRemote, type Remote } from './organiser.ts';

/** A fault outside a server that makes the server refuse commands from `begin` to `end`. */
export interface Failure {
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** Makes the database answer reads and refuse writes, as with a full disk. */
export function writesBlocked(mongoUri: string): Failure {
  const block = async (global: boolean) => {
    const client = await MongoClient.connect(mongoUri);
    await client.db('admin').command({ setUserWriteBlockMode: 1, global });
    await client.close();
  };
  return { begin: () => block(true), end: () => block(false) };
}

/** Other devices of the same user, which use up the user's rate limit from `begin` to `end`. */
export async function connectSpenders(url: string, token: string) {
  // Several, because the rate limit of one connection is below the rate limit of a user.
  const spenders = Array.from({ length: 8 }, () => connectRemote(url, token));
  await Promise.all(spenders.map(({ must }) => must('clock', {})));
  let isSpending = false;
  // The input is invalid: the command is refused, and still counts towards the rate limit.
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

/** The request ids of the bookings that a page has sent, and the refusals it got. */
export interface Tries {
  requestIds: string[];
  refusals: Refusal[];
  /** While set, bookings get this refusal and do not reach the server. */
  refuseAll: Refusal | null;
}

/** Records the bookings that a page sends and their refusals. All other messages are forwarded unchanged. */
export async function noteTries(page: Page): Promise<Tries> {
  const tries: Tries = { requestIds: [], refusals: [], refuseAll: null };
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const asked = new Set<string>();
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const [, id, input] = /^42\/booking,(\d+)(\["book".*)$/.exec(String(message)) ?? [];
      if (id === undefined || input === undefined) return server.send(message);
      tries.requestIds.push((JSON.parse(input) as [string, { requestId: string }])[1].requestId);
      if (tries.refuseAll === null) {
        asked.add(id);
        return server.send(message);
      }
      tries.refusals.push(tries.refuseAll);
      socket.send(`43/booking,${id}[${JSON.stringify({ ok: false, error: tries.refuseAll })}]`);
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
