import type { Socket } from 'node:net';
import { databaseProxy } from './database-proxy.ts';

const COMMIT = Buffer.from('commitTransaction');

/** A way to the database that loses one commit: on its way there, or its reply on the way back. */
export async function commitCutter() {
  let next: 'request' | 'reply' | null = null;
  let cuts = 0;

  function cut(...pair: Socket[]): void {
    next = null;
    cuts += 1;
    for (const socket of pair) socket.destroy();
  }

  const proxy = await databaseProxy((inner, outer) => {
    let commits = false;
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

  return {
    ...proxy,
    cutNext: (what: 'request' | 'reply') => void (next = what),
    cuts: () => cuts,
  };
}
