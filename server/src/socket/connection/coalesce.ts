import type { Socket as NetSocket } from 'node:net';
import type { LiveServer, LiveTransport } from '../types.ts';

/** Most system calls in one turn of the event loop: between two turns it serves the database and other clients. */
const WRITES_PER_TURN = 48;

/**
 * Joins the packets to one client in one turn of the event loop into one system call. engine.io writes each packet by
 * itself; at 500 sockets those writes are a third of the server's work. A WebSocket transport is marked busy with the
 * first packet of a turn and released at its end, so that engine.io gathers the packets as it does for any busy
 * transport; `cork` then joins their frames.
 */
export function coalesceWrites(io: LiveServer): void {
  let gathering: LiveTransport['transport'][] = [];

  function release(): void {
    const due = gathering;
    gathering = due.splice(WRITES_PER_TURN);
    if (gathering.length > 0) setImmediate(release);
    for (const transport of due) {
      transport.writable = true;
      transport.emit('ready');
    }
  }

  function gather(this: LiveTransport): void {
    const { transport } = this;
    if (transport.name !== 'websocket' || !transport.writable) return;
    transport.writable = false;
    if (gathering.push(transport) === 1) setImmediate(release);
  }

  // One function for all clients: what each client has of its own is a part of the memory of an idle one.
  io.engine.on('connection', (connection: LiveTransport) => void connection.on('packetCreate', gather));
  io.engine.on('flush', cork);
  io.engine.on('drain', uncork);
}

function cork(connection: LiveTransport, packets: unknown[]): void {
  if (packets.length > 1) netSocketOf(connection)?.cork();
}

function uncork(connection: LiveTransport): void {
  const socket = netSocketOf(connection);
  if (socket?.writableCorked) socket.uncork();
}

/** The connection below a WebSocket, in fields that ws and engine.io do not declare; a test shows that they exist. */
function netSocketOf({ transport }: LiveTransport): NetSocket | undefined {
  return (transport as unknown as { socket?: { _socket?: NetSocket } }).socket?._socket;
}
