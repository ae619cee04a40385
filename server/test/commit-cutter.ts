import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

const COMMIT = Buffer.from('commitTransaction');

/** A TCP proxy to the database that loses one commit: on its way there, or its reply on the way back. */
export async function commitCutter() {
  const sockets = new Set<Socket>();
  let target = { host: '', port: 0 };
  let next: 'request' | 'reply' | null = null;
  let cuts = 0;

  function cut(...pair: Socket[]): void {
    next = null;
    cuts += 1;
    for (const socket of pair) socket.destroy();
  }

  const server = createServer((inner) => {
    const outer = connect(target);
    let commits = false;
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    inner.on('data', (packet: Buffer) => {
      commits = packet.includes(COMMIT);
      if (commits && next === 'request') return cut(inner, outer);
      outer.write(packet);
    });
    outer.on('data', (packet: Buffer) => {
      if (commits && next === 'reply') return cut(inner, outer);
      inner.write(packet);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    /** The same database by way of the proxy. */
    through(uri: string): string {
      const direct = new URL(uri);
      target = { host: direct.hostname, port: Number(direct.port) };
      direct.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      direct.search = '?directConnection=true';
      return direct.href;
    },
    cutNext: (what: 'request' | 'reply') => void (next = what),
    cuts: () => cuts,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
