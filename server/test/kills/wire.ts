import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** Which packet is held: the first that fits, before the database has it, or its answer. */
export interface Hold {
  /** Named in what `held` tells. */
  name: string;
  fits(packet: Buffer): boolean;
  what: 'request' | 'answer';
}

/**
 * A line to the database that can stop a server at one write: what is held there never arrives, and everything else goes
 * through. The server waits for it until it is killed.
 */
export async function databaseWire(uri: string) {
  const { hostname: host, port } = new URL(uri);
  const sockets = new Set<Socket>();
  const planned = new Set<Hold>();
  const held = new Set<string>();

  const server = createServer((inner) => {
    const outer = connect({ host, port: Number(port) });
    let silent = false;
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
      const hold = [...planned].find((one) => one.fits(packet));
      if (hold) {
        planned.delete(hold);
        silent = true;
        if (hold.what === 'request') return void held.add(hold.name);
        outer.once('data', () => held.add(hold.name));
      }
      outer.write(packet);
    });
    outer.on('data', (packet: Buffer) => void (silent || inner.write(packet)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const through = new URL(uri);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  through.search = '?directConnection=true';
  return {
    uri: through.href,
    plan: (hold: Hold) => void planned.add(hold),
    /** Names of what has been held by now. */
    held: held as ReadonlySet<string>,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type DatabaseWire = Awaited<ReturnType<typeof databaseWire>>;

/** Fits the commit of the transaction that has written a packet which fits. */
export function commitOf(writes: (packet: Buffer) => boolean): Hold['fits'] {
  const sessions: Buffer[] = [];
  return (packet) => {
    if (writes(packet)) sessions.push(sessionOf(packet));
    return packet.includes('commitTransaction') && sessions.some((session) => packet.includes(session));
  };
}

const LSID = Buffer.from('lsid\0');

/** The id of the session that a command belongs to: 16 bytes, behind the heads of a document and of a binary in it. */
function sessionOf(packet: Buffer): Buffer {
  const at = packet.indexOf(LSID) + LSID.length + 13;
  return packet.subarray(at, at + 16);
}
