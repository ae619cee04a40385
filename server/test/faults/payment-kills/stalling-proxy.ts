import { databaseProxy } from '../../support/database/database-proxy.ts';

/** A planned stall: the first packet that fits, or the answer to it, never arrives. */
export interface Stall {
  /** Listed in `stalled` once the packet is met. */
  name: string;
  fits(packet: Buffer): boolean;
  what: 'request' | 'answer';
}

/**
 * A proxy to the database that can stall a server at one write: the stalled packet never arrives, everything else goes
 * through. The server waits for the packet until it is killed.
 */
export async function stallingProxy(uri: string) {
  const planned = new Set<Stall>();
  const stalled = new Set<string>();

  const { through, close } = await databaseProxy((inner, outer) => {
    let silent = false;
    inner.on('data', (packet: Buffer) => {
      const stall = [...planned].find((one) => one.fits(packet));
      if (stall) {
        planned.delete(stall);
        silent = true;
        if (stall.what === 'request') return void stalled.add(stall.name);
        outer.once('data', () => stalled.add(stall.name));
      }
      outer.write(packet);
    });
    outer.on('data', (packet: Buffer) => void (silent || inner.write(packet)));
  });

  return {
    uri: through(uri),
    plan: (stall: Stall) => void planned.add(stall),
    /** Names of the stalls that have been met. */
    stalled: stalled as ReadonlySet<string>,
    close,
  };
}

export type StallingProxy = Awaited<ReturnType<typeof stallingProxy>>;

/** Fits the commit of the transaction to which a packet that passes `writes` belongs. */
export function commitOf(writes: (packet: Buffer) => boolean): Stall['fits'] {
  const sessions: Buffer[] = [];
  return (packet) => {
    if (writes(packet)) sessions.push(sessionOf(packet));
    return packet.includes('commitTransaction') && sessions.some((session) => packet.includes(session));
  };
}

const LSID = Buffer.from('lsid\0');

/** The session id (`lsid`) of a command: 16 bytes after the headers of its BSON document and binary. */
function sessionOf(packet: Buffer): Buffer {
  const at = packet.indexOf(LSID) + LSID.length + 13;
  return packet.subarray(at, at + 16);
}
