// The process of many clients: it gets its order as the first message, and answers every other one with their status.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { createManager } from '#lib/live/connection/manager.ts';
import type { Availability, Event } from '#shared/event.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { CrowdOrder, CrowdStatus } from './reconnecting-clients.ts';

/** The listen backlog of a server is limited: not all clients connect for the first time at the same moment. */
const CONNECTED_TOGETHER = 100;
const TOGETHER_MS = 100;
const ANSWER_MS = 10_000;
const RETRY_MS = 500;

type Asked = Record<string, unknown>;

const refused: Record<string, number> = {};

/** A client as a page has one: after each connection it asks again for what it shows. */
function createClient({ url, eventId }: CrowdOrder, token: string) {
  const socket: Socket = createManager({ transports: ['websocket'] }, url).socket('/booking', { auth: { token } });
  let connections = 0;
  let upToDateAs: string | undefined;
  let shown: Pick<Availability, 'version' | 'availableSeats'> = { version: -1, availableSeats: -1 };

  const show = (next: typeof shown) => void (shown = next.version >= shown.version ? next : shown);

  /** Sends a read until it succeeds; undefined if the connection is lost before. */
  async function ask(id: string | undefined, command: string, input: Asked): Promise<unknown> {
    while (socket.id === id) {
      const reply = (await socket
        .timeout(ANSWER_MS)
        .emitWithAck(command, input)
        .catch(() => null)) as Result<unknown> | null;
      if (reply?.ok) return reply.data;
      const code = reply?.error.code ?? 'CONNECTION_LOST';
      refused[code] = (refused[code] ?? 0) + 1;
      await sleep(reply?.error.retryAfterMs ?? RETRY_MS);
    }
    return undefined;
  }

  socket.on('availabilityChanged', ({ changes }: { changes: Availability[] }) => {
    for (const change of changes) if (change.eventId === eventId) show(change);
  });
  socket.on('connect', async () => {
    connections += 1;
    const { id } = socket;
    const [event] = await Promise.all([
      ask(id, 'getEvent', { eventId }),
      ask(id, 'listBookings', {}),
      ask(id, 'listWaitlist', {}),
      ask(id, 'clock', {}),
    ]);
    if (event !== undefined) show(event as Event);
    if (socket.id === id) upToDateAs = id;
  });

  return {
    connect: () => void socket.connect(),
    get connections() {
      return connections;
    },
    get isUpToDate() {
      return socket.connected && socket.id === upToDateAs;
    },
    get availableSeats() {
      return shown.availableSeats;
    },
  };
}

type Client = ReturnType<typeof createClient>;

const clients: Client[] = [];

function statusOf(): CrowdStatus {
  const countBy = (key: (client: Client) => number) => {
    const counts: Record<number, number> = {};
    for (const client of clients) counts[key(client)] = (counts[key(client)] ?? 0) + 1;
    return counts;
  };
  return {
    connections: countBy(({ connections }) => connections),
    upToDate: clients.filter(({ isUpToDate }) => isUpToDate).length,
    seats: countBy(({ availableSeats }) => availableSeats),
    refused,
  };
}

async function obey(order: CrowdOrder): Promise<void> {
  clients.push(...order.tokens.map((token) => createClient(order, token)));
  for (let from = 0; from < clients.length; from += CONNECTED_TOGETHER) {
    for (const client of clients.slice(from, from + CONNECTED_TOGETHER)) client.connect();
    await sleep(TOGETHER_MS);
  }
}

process.on('message', (message: CrowdOrder | 'status') => {
  if (message === 'status') process.send?.(statusOf());
  else void obey(message);
});
