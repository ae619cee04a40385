import type { Socket as NetSocket } from 'node:net';
import type { LiveTransport } from '../types.ts';
import type { Packet } from './packet.ts';
import type { Outlet } from './recipients.ts';

/** Fields of engine.io and ws that their types do not declare; a test shows that they exist. */
interface Internals {
  readyState: string;
  upgrading: boolean;
  writeBuffer: readonly unknown[];
  transport: {
    name: string;
    writable: boolean;
    socket?: { readyState: number; _socket?: NetSocket };
  };
  write(text: string, options: { compress: boolean; wsPreEncodedFrame: Buffer[] }): void;
  close(discard: boolean): void;
}

const WEBSOCKET_OPEN = 1;

/**
 * Writes to one client past engine.io where that is safe: over an open WebSocket with an empty send queue, a prepared
 * frame goes to the connection as it is. Packets of this turn that wait for their common write are joined; over
 * long-polling, engine.io writes.
 */
export function createOutlet(connection: LiveTransport): Outlet {
  return new TransportOutlet(connection as unknown as Internals);
}

/**
 * A class, so that thousands of clients share its functions. What is found below a transport is kept as long as the
 * transport stays the same: each step from object to object is a part of what a delivery costs.
 */
class TransportOutlet implements Outlet {
  readonly #connection: Internals;
  #transport: Internals['transport'] | null = null;
  #webSocket: Internals['transport']['socket'];
  #netSocket: NetSocket | null = null;

  constructor(connection: Internals) {
    this.#connection = connection;
  }

  /** The connection below an open WebSocket; `null` for long-polling, and while either of them closes or changes. */
  #openNetSocket(): NetSocket | null {
    const { transport, upgrading } = this.#connection;
    if (transport !== this.#transport) {
      this.#transport = transport;
      this.#webSocket = transport.name === 'websocket' ? transport.socket : undefined;
      this.#netSocket = this.#webSocket?._socket ?? null;
    }
    return !upgrading && this.#webSocket?.readyState === WEBSOCKET_OPEN ? this.#netSocket : null;
  }

  push(packets: readonly Packet[]): void {
    const [first] = packets;
    const socket = packets.length === 1 && first ? this.#openNetSocket() : null;
    if (first && socket && isClear(this.#connection, socket)) socket.write(first.frame);
    else for (const packet of packets) writeByEngine(this.#connection, packet);
  }

  offer(packet: Packet): boolean {
    const connection = this.#connection;
    if (connection.readyState !== 'open') return true;
    const socket = this.#openNetSocket();
    if (socket === null) return offerByEngine(connection, packet);
    if (socket.writableLength > 0) return false;
    if (isClear(connection, socket)) socket.write(packet.frame);
    else writeByEngine(connection, packet);
    return true;
  }

  close(): void {
    this.#connection.close(true);
  }
}

/** Whether nothing waits to be written before the next frame. */
function isClear({ writeBuffer }: Internals, socket: NetSocket): boolean {
  return writeBuffer.length === 0 && socket.writableLength === 0 && socket.writableCorked === 0;
}

function writeByEngine(connection: Internals, { text, frame }: Packet): void {
  connection.write(text, { compress: false, wsPreEncodedFrame: [frame] });
}

/** Over long-polling a client has read all before when its next request waits for packets. */
function offerByEngine(connection: Internals, packet: Packet): boolean {
  if (!connection.transport.writable || connection.writeBuffer.length > 0) return false;
  writeByEngine(connection, packet);
  return true;
}
