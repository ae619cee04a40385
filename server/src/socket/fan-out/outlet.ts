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

/** A class, so that thousands of clients share its functions. */
class TransportOutlet implements Outlet {
  readonly #connection: Internals;

  constructor(connection: Internals) {
    this.#connection = connection;
  }

  push(packets: readonly Packet[]): void {
    const [first] = packets;
    const socket = packets.length === 1 && first ? netSocketOf(this.#connection) : null;
    if (first && socket && isClear(this.#connection, socket)) socket.write(first.frame);
    else for (const packet of packets) writeByEngine(this.#connection, packet);
  }

  offer(packet: Packet): boolean {
    const connection = this.#connection;
    if (connection.readyState !== 'open') return true;
    const socket = netSocketOf(connection);
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

/** The connection below an open WebSocket; `null` for long-polling, and while either of them closes or changes. */
function netSocketOf({ transport, upgrading }: Internals): NetSocket | null {
  if (transport.name !== 'websocket' || upgrading) return null;
  return transport.socket?.readyState === WEBSOCKET_OPEN ? (transport.socket._socket ?? null) : null;
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
