import type { Socket } from 'node:net';
import { databaseProxy } from './database-proxy.ts';

type Lost = 'request' | 'reply';

/**
 * A proxy to the database that loses commands of one name, like `find` or `commitTransaction`: the connection breaks
 * before the request arrives at the database, or before its reply arrives at the client.
 */
export async function commandCutter(command: string) {
  const losses: Lost[] = [];
  let cuts = 0;

  function cut(...pair: Socket[]): void {
    losses.shift();
    cuts += 1;
    for (const socket of pair) socket.destroy();
  }

  const proxy = await databaseProxy((inner, outer) => {
    let isCommand = false;
    inner.on('data', (packet: Buffer) => {
      isCommand = packet.includes(command);
      if (isCommand && losses[0] === 'request') return cut(inner, outer);
      outer.write(packet);
    });
    outer.on('data', (packet: Buffer) => {
      if (isCommand && losses[0] === 'reply') return cut(inner, outer);
      inner.write(packet);
    });
  });

  return {
    ...proxy,
    /** Loses the request or the reply of each of the next commands, in this order. */
    cutNext: (...next: Lost[]) => void losses.push(...next),
    cuts: () => cuts,
  };
}
