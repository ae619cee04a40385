import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LiveServer, LiveSocket } from '../types.ts';

type Transport = LiveSocket['conn'];

/** What a client may leave unread before its transport is closed; it comes back and asks again for what it shows. */
export interface QueueLimit {
  packets: number;
  bytes: number;
}

export type Transports = ReturnType<typeof trackTransports>;

/** All transports of a server: closes those whose client does not read any more, and every one at the end. */
export function trackTransports(io: LiveServer, httpServer: HttpServer, limit: QueueLimit) {
  const open = new Set<Transport>();
  const upgraded = new Set<Duplex>();
  io.engine.on('connection', (transport: Transport) => {
    open.add(transport);
    transport.once('close', () => open.delete(transport));
  });
  httpServer.on('upgrade', (_request, socket: Duplex) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
  });

  return {
    get size(): number {
      return open.size;
    },
    /** Closes the transports that have too much waiting; gives their number. */
    closeStuck(): number {
      const stuck = [...open].filter((transport) => isBeyond(queueOf(transport), limit));
      // What waits is thrown away: an orderly close would wait for a client that does not read.
      for (const transport of stuck) transport.close(true);
      return stuck.length;
    },
    /** Closes all transports once what was sent to them has left, and cuts those that take longer. */
    async close(withinMs: number): Promise<void> {
      const closed = [...open, ...upgraded].map((connection) => once(connection, 'close'));
      for (const transport of open) transport.close();
      const late = AbortSignal.timeout(withinMs);
      await Promise.race([Promise.allSettled(closed), once(late, 'abort')]);
      io.engine.close();
      for (const socket of upgraded) socket.destroy();
    },
  };
}

/** engine.io keeps what the transport has not taken yet in a field that its types hide (a test shows that it is there). */
function queueOf(transport: Transport): readonly { data?: string | Buffer }[] {
  return (transport as unknown as { writeBuffer: { data?: string | Buffer }[] }).writeBuffer;
}

function isBeyond(queue: readonly { data?: string | Buffer }[], limit: QueueLimit): boolean {
  if (queue.length > limit.packets) return true;
  let bytes = 0;
  for (const { data } of queue) bytes += data?.length ?? 0;
  return bytes > limit.bytes;
}
