import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { Money } from '#shared/protocol/primitives.ts';
import { MAX_SEATS } from '#shared/protocol/primitives.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';

const REPLY_WITHIN_MS = 10_000;
const IN_A_MONTH_MS = 30 * 86_400_000;

/** Creates an event with the most seats that are allowed, by a command over a socket. Resolves to its id. */
export async function createHotEvent(port: number, adminToken: string, price: Money): Promise<string> {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(`http://127.0.0.1:${port}/booking`, {
    transports: ['websocket'],
    auth: { token: adminToken },
    reconnection: false,
  });
  try {
    const created = await socket.timeout(REPLY_WITHIN_MS).emitWithAck('createEvent', {
      requestId: randomUUID(),
      title: 'Hot event',
      description: '',
      venue: 'Bench',
      startsAt: new Date(Date.now() + IN_A_MONTH_MS).toISOString(),
      totalSeats: MAX_SEATS,
      price,
    });
    if (!created.ok) throw new Error(`The event was not created: ${created.error.code}. ${created.error.message}`);
    return created.data.id;
  } finally {
    socket.disconnect();
  }
}
