import { databaseProxy } from '../../support/database/database-proxy.ts';

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
  const planned = new Set<Hold>();
  const held = new Set<string>();

  const { through, close } = await databaseProxy((inner, outer) => {
    let silent = false;
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

  return {
    uri: through(uri),
    plan: (hold: Hold) => void planned.add(hold),
    /** Names of what has been held by now. */
    held: held as ReadonlySet<string>,
    close,
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
