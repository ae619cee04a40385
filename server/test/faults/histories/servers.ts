import type { EngineProcess } from './engine-process.ts';
import { startEngineProcess } from './engine-process.ts';
import type { Port } from './history.ts';

/** Two engines on one database, each in a process of its own; who dies is replaced. */
export async function twoServers(uri: string) {
  const all: EngineProcess[] = [];
  const start = async () => {
    const server = await startEngineProcess(uri);
    all.push(server);
    return server;
  };
  const pair: [Promise<EngineProcess>, Promise<EngineProcess>] = [start(), start()];
  await Promise.all(pair);
  let calls = 0;

  /** Three of four clients of an event come to the same server, the fourth to the other; all to the one that lives. */
  const port: Port = async (eventId, command, now) => {
    calls += 1;
    const [first, second] = await Promise.all(pair);
    const usual = Number.parseInt(eventId.slice(-1), 16) % 2 === 0;
    const [one, other] = usual === calls % 4 > 0 ? [first, second] : [second, first];
    return (one.alive ? one : other).submit(eventId, command, now);
  };

  return {
    port,
    /** One of the two is to kill itself in the middle of what it does. */
    async doom(which: number, point: { packets: number; sent: boolean }): Promise<void> {
      (await pair[which % 2])?.dieAt(point);
    },
    /** Makes sure that it is dead by now, and starts another in its place. */
    async replace(which: number): Promise<void> {
      await (await pair[which % 2])?.kill();
      pair[which % 2] = start();
    },
    defects: () => all.flatMap(({ defects }) => defects),
    close: async () => void (await Promise.all(all.map((server) => server.kill()))),
  };
}
