import { randomUUID } from 'node:crypto';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { z } from 'zod';
import type { Event } from '#shared/event.ts';
import type { ticketTypesInput } from '#shared/tickets/ticket-type.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { MAX_SEATS } from '#shared/protocol/primitives.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';

const REPLY_WITHIN_MS = 10_000;
const DAY_MS = 86_400_000;

type AdminSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

interface HotEventTerms {
  totalSeats?: number;
  holdMinutes?: number;
  /** Absent: one type at the price. */
  ticketTypes?: z.input<typeof ticketTypesInput>;
}

/** Creates an event, by default with the most seats that are allowed and holds of ten minutes, by a command over a socket. Resolves to its id. */
export async function createHotEvent(
  port: number,
  adminToken: string,
  price: Money,
  { totalSeats = MAX_SEATS, holdMinutes = 10, ticketTypes }: HotEventTerms = {},
): Promise<string> {
  const event = await asAdmin<Event>(port, adminToken, (socket) =>
    socket.timeout(REPLY_WITHIN_MS).emitWithAck('createEvent', {
      requestId: randomUUID(),
      title: 'Hot event',
      description: '',
      venue: 'Bench',
      startsAt: inDays(30),
      totalSeats,
      ...(ticketTypes ? { ticketTypes } : { price }),
      holdMinutes,
    }),
  );
  return event.id;
}

/** Moves an event that was not edited before to another day. */
export async function moveEvent(port: number, adminToken: string, eventId: string): Promise<void> {
  const changes = { startsAt: inDays(40) };
  await asAdmin(port, adminToken, (socket) =>
    socket.timeout(REPLY_WITHIN_MS).emitWithAck('updateEvent', { eventId, revision: 1, changes }),
  );
}

/** Sends one command over a socket of its own; rejects if it is refused. */
async function asAdmin<T>(port: number, token: string, send: (socket: AdminSocket) => Promise<Result<T>>): Promise<T> {
  const socket: AdminSocket = io(`http://127.0.0.1:${port}/booking`, {
    transports: ['websocket'],
    auth: { token },
    reconnection: false,
  });
  try {
    const reply = await send(socket);
    if (!reply.ok)
      throw new Error(`A command of the organiser was refused: ${reply.error.code}. ${reply.error.message}`);
    return reply.data;
  } finally {
    socket.disconnect();
  }
}

function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString();
}
