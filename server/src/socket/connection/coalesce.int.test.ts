import { createServer } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import type { TestContext } from 'vitest';
import { expect, it, vi } from 'vitest';
import { coalesceWrites } from './coalesce.ts';
import type { LiveServer } from '../types.ts';

/** A server socket with the private fields of engine.io and ws that coalesce.ts uses. */
interface ServerSocket {
  emit: (name: string, payload: unknown) => void;
  conn: { transport: { socket?: { _socket?: NetSocket } } };
}

/** A Socket.IO server and client; counts the system calls by which the server writes to the client. */
async function connectedPair(t: Pick<TestContext, 'onTestFinished'>, transports: string[]) {
  const http = createServer();
  const server: LiveServer = new Server(http, { perMessageDeflate: false });
  coalesceWrites(server);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports });
  t.onTestFinished(async () => {
    client.disconnect();
    await server.close();
  });
  const received: unknown[] = [];
  client.onAny((name, payload) => received.push([name, payload]));
  const [socket] = await Promise.all([
    new Promise<Parameters<Parameters<LiveServer['on']>[1]>[0]>((resolve) => server.on('connection', resolve as never)),
    new Promise((resolve) => client.once('connect', resolve as () => void)),
  ]);
  return {
    socket: socket as never as ServerSocket,
    received,
    client,
  };
}

it('a server sends the packets of one event loop turn in one system call, in order', async (t) => {
  const { socket, received } = await connectedPair(t, ['websocket']);
  const net = socket.conn.transport.socket?._socket;
  if (!net) throw new Error('engine.io keeps its connection elsewhere now: coalesce.ts needs an update');
  const calls = net as unknown as { _writev(): void; _write(): void };
  const [writev, write] = [vi.spyOn(calls, '_writev'), vi.spyOn(calls, '_write')];
  for (let count = 1; count <= 5; count += 1) socket.emit('counted', count);
  await vi.waitFor(() => expect(received).toHaveLength(5));
  expect(received).toEqual([1, 2, 3, 4, 5].map((count) => ['counted', count]));
  expect(writev.mock.calls.length + write.mock.calls.length).toBe(1);
  expect(net.writableCorked).toBe(0);
});

it('a server sends a single packet, and those of later turns', async (t) => {
  const { socket, received } = await connectedPair(t, ['websocket']);
  for (let count = 1; count <= 3; count += 1) {
    socket.emit('counted', count);
    await vi.waitFor(() => expect(received).toHaveLength(count));
  }
});

it('a server sends packets after an upgrade from long-polling, and over long-polling alone', async (t) => {
  for (const transports of [['polling', 'websocket'], ['polling']]) {
    const { socket, received } = await connectedPair(t, transports);
    for (let count = 1; count <= 3; count += 1) socket.emit('counted', count);
    await vi.waitFor(() => expect(received).toHaveLength(3));
  }
});
