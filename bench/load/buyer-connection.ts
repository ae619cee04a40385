import { io } from 'socket.io-client';
import type { Result } from '#shared/protocol/errors.ts';
import type { BenchOptions } from '../bookings/options.ts';
import { openWire } from './wire-client.ts';

/** A buyer's connection, whatever client it is made of. */
export interface Buyer {
  /** `input` is JSON. The answer comes as an event, one at a time. */
  send(command: 'book' | 'cancelBooking', input: string): void;
  close(): void;
}

export interface BuyerEvents {
  /** `reply` is only turned into text where it is needed. */
  answered(ok: boolean, reply: { toString(): string }): void;
  pushed(name: 'availabilityChanged' | 'bookingChanged'): void;
  closed(): void;
}

/** Connects to `/booking` with this session. Resolves when the server has let it in. */
export function openBuyer(
  client: BenchOptions['client'],
  port: number,
  token: string,
  events: BuyerEvents,
): Promise<Buyer> {
  return client === 'wire' ? openWire(port, token, events) : openSocketIo(port, token, events);
}

function openSocketIo(port: number, token: string, events: BuyerEvents): Promise<Buyer> {
  const socket = io(`http://127.0.0.1:${port}/booking`, {
    transports: ['websocket'],
    auth: { token },
    forceNew: true,
    reconnection: false,
  });
  const answered = (reply: Result<unknown>) => events.answered(reply.ok, { toString: () => JSON.stringify(reply) });
  const buyer: Buyer = {
    send: (command, input) => void socket.emit(command, JSON.parse(input), answered),
    close: () => void socket.disconnect(),
  };
  socket.on('availabilityChanged', () => events.pushed('availabilityChanged'));
  socket.on('bookingChanged', () => events.pushed('bookingChanged'));
  socket.once('disconnect', () => events.closed());
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(buyer));
    socket.once('connect_error', reject);
  });
}
