import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { Booking } from '#shared/booking.ts';
import type { CommandData, CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Event } from '#shared/event.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';

type Client = Socket<ServerToClientEvents, ClientToServerEvents>;

/** A client without a browser, which sends commands over a socket as any client may. */
export interface Remote {
  /** Sends a command that must succeed; waits while the connection is lost. */
  must<N extends CommandName>(name: N, input: CommandRequest<N>): Promise<CommandData<N>>;
  close(): void;
}

export const ORGANISER = { email: 'organiser@example.org', password: 'correct horse' };

/** Signs the organiser of a site in and connects. */
export async function connectOrganiser(url: string): Promise<Remote> {
  const response = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ORGANISER),
  });
  if (!response.ok) throw new Error(`The organiser could not sign in: ${await response.text()}`);
  const { token } = (await response.json()) as { token: string };
  return connectRemote(url, token);
}

/** Connects a client with this session token. */
export function connectRemote(url: string, token: string): Remote {
  const reconnecting = { reconnectionDelay: 100, reconnectionDelayMax: 500 };
  const socket: Client = io(`${url}/booking`, {
    transports: ['websocket'],
    forceNew: true,
    auth: { token },
    ...reconnecting,
  });
  return {
    async must<N extends CommandName>(name: N, input: CommandRequest<N>) {
      const reply = await new Promise<Result<CommandData<N>>>((resolve) => {
        const emit = socket.emit.bind(socket) as (...args: unknown[]) => void;
        emit(name, input, resolve);
      });
      if (!reply.ok) throw new Error(`${name} was refused: ${JSON.stringify(reply.error)}`);
      return reply.data;
    },
    close: () => void socket.disconnect(),
  };
}

/** Reads from the server the newest bookings of the user with this session token. */
export async function bookingsOf(url: string, token: string): Promise<Booking[]> {
  const remote = connectRemote(url, token);
  const { bookings } = await remote.must('listBookings', {});
  remote.close();
  return bookings;
}

const DAY_MS = 86_400_000;

/** The time this many days from now, in ISO 8601 as in the wire contract. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString();
}

/** Creates an event: free, with ten seats, in two weeks, unless `more` says otherwise. */
export function createEvent(organiser: Remote, more: Partial<CommandRequest<'createEvent'>> = {}): Promise<Event> {
  return organiser.must('createEvent', {
    requestId: randomUUID(),
    title: `Jazz ${newWord()}`,
    description: 'Saxophone, double bass, and a piano that outlived the summer.',
    venue: 'The Old Fire Station',
    timeZone: 'Europe/Berlin',
    startsAt: inDays(14),
    totalSeats: 10,
    ...more,
  });
}

/**
 * Waits until a search finds at least this many events. Lists follow the change feed, so that a page opened right after a
 * creation may lack the event, and says a moment later that there is a new one: nothing to look for layout shifts in.
 */
export async function untilListed(url: string, query: string, count: number): Promise<void> {
  const search = new URLSearchParams({ query });
  const total = async () => ((await (await fetch(`${url}/api/events?${search}`)).json()) as { total: number }).total;
  await expect.poll(total).toBeGreaterThanOrEqual(count);
}

/** A unique word, by which a search finds the events of one test only. */
export function newWord(): string {
  return `w${randomUUID().slice(0, 8)}`;
}
