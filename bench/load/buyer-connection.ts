import { io } from 'socket.io-client';
import type { Result } from '#shared/protocol/errors.ts';
import { openWireConnection } from './wire-client.ts';

/** `wire` is a bare client of our own; `socket.io` is the standard client, at several times the processor time. */
export const CLIENTS = ['wire', 'socket.io'] as const;
export type Client = (typeof CLIENTS)[number];

/** A buyer's connection to `/booking`, with one in-flight command at a time. */
export interface BuyerConnection {
  /** `input` is JSON. The reply arrives as the `replied` event. */
  send(command: 'book' | 'cancelBooking' | 'listEvents', input: string): void;
  close(): void;
}

export interface ConnectionEvents {
  /** `reply` is converted to text only if the text is needed. */
  replied(ok: boolean, reply: { toString(): string }): void;
  pushed(name: 'availabilityChanged' | 'bookingChanged'): void;
  closed(): void;
}

/** Connects with this session token. Resolves when the server has accepted the connection. */
export function openBuyerConnection(
  client: Client,
  port: number,
  token: string,
  events: ConnectionEvents,
): Promise<BuyerConnection> {
  return client === 'wire' ? openWireConnection(port, token, events) : openSocketIoConnection(port, token, events);
}

function openSocketIoConnection(port: number, token: string, events: ConnectionEvents): Promise<BuyerConnection> {
  const socket = io(`http://127.0.0.1:${port}/booking`, {
    transports: ['websocket'],
    auth: { token },
    forceNew: true,
    reconnection: false,
  });
  const replied = (reply: Result<unknown>) => events.replied(reply.ok, { toString: () => JSON.stringify(reply) });
  const connection: BuyerConnection = {
    send: (command, input) => void socket.emit(command, JSON.parse(input), replied),
    close: () => void socket.disconnect(),
  };
  socket.on('availabilityChanged', () => events.pushed('availabilityChanged'));
  socket.on('bookingChanged', () => events.pushed('bookingChanged'));
  socket.once('disconnect', () => events.closed());
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(connection));
    socket.once('connect_error', reject);
  });
}
