import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A TCP proxy to the database; `wire` decides which data passes between the two ends of a connection. */
export async function databaseProxy(wire: (inner: Socket, outer: Socket) => void) {
  const sockets = new Set<Socket>();
  let target = { host: '', port: 0 };

  const server = createServer((inner) => {
    const outer = connect(target);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    wire(inner, outer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    /** The connection string of the same database through the proxy. */
    through(uri: string): string {
      const direct = new URL(uri);
      target = { host: direct.hostname, port: Number(direct.port) };
      direct.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      direct.search = '?directConnection=true';
      return direct.href;
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
