import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LiveServer, LiveTransport } from '../types.ts';

/** How much a client may leave unread before its transport is closed; it then reconnects and reads its state again. */
export interface QueueLimit {
  packets: number;
  bytes: number;
}

/** How long closing may take: while no connection closes, because no client reads, and altogether. */
export interface CloseLimit {
  stalledMs: number;
  totalMs: number;
}

/** Tracks the transports of a server: closes those whose client does not read any more, and all of them at the end. */
export function trackTransports(io: LiveServer, httpServer: HttpServer, limit: QueueLimit) {
  const open = new Set<LiveTransport>();
  const upgraded = new Set<Duplex>();
  function forgetTransport(this: LiveTransport): void {
    open.delete(this);
  }
  function forgetConnection(this: Duplex): void {
    upgraded.delete(this);
  }
  io.engine.on('connection', (transport: LiveTransport) => {
    open.add(transport);
    transport.on('close', forgetTransport);
  });
  httpServer.on('upgrade', (_request, socket: Duplex) => {
    upgraded.add(socket);
    socket.on('close', forgetConnection);
  });

  return {
    get size(): number {
      return open.size;
    },
    /** Closes the transports whose queue is over the limit; returns their number. */
    closeStuck(): number {
      const stuck = [...open].filter((transport) => isOverLimit(queueOf(transport), limit));
      // `true` discards the queue: an orderly close would wait for a client that does not read.
      for (const transport of stuck) transport.close(true);
      return stuck.length;
    },
    /** Closes all transports once their queues have left, and cuts those that are still open when the limit is over. */
    async close(closing: CloseLimit): Promise<void> {
      const closed = untilClosed([...open, ...upgraded], closing);
      for (const transport of open) transport.close();
      await closed;
      io.engine.close();
      for (const socket of upgraded) socket.destroy();
    },
  };
}

/** Resolves once all connections have closed, or the limit is over. */
function untilClosed(connections: readonly Closing[], { stalledMs, totalMs }: CloseLimit): Promise<void> {
  return new Promise((resolve) => {
    let left = connections.length;
    let isOver = false;
    const end = () => {
      isOver = true;
      clearTimeout(stalled);
      clearTimeout(total);
      resolve();
    };
    const stalled = setTimeout(end, stalledMs);
    const total = setTimeout(end, totalMs);
    if (left === 0) end();
    for (const connection of connections) {
      connection.once('close', () => {
        left -= 1;
        if (left === 0) end();
        else if (!isOver) stalled.refresh();
      });
    }
  });
}

interface Closing {
  once(event: 'close', listener: () => void): unknown;
}

/** The packets still to be sent, in a field that engine.io does not declare; a test shows that it exists. */
function queueOf(transport: LiveTransport): readonly { data?: string | Buffer }[] {
  return (transport as unknown as { writeBuffer: { data?: string | Buffer }[] }).writeBuffer;
}

function isOverLimit(queue: readonly { data?: string | Buffer }[], limit: QueueLimit): boolean {
  if (queue.length > limit.packets) return true;
  let bytes = 0;
  for (const { data } of queue) bytes += data?.length ?? 0;
  return bytes > limit.bytes;
}
