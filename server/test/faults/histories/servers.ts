import type { EngineProcess } from './engine-process.ts';
import { startEngineProcess } from './engine-process.ts';
import type { Port } from './history.ts';

/** Two engines on one database, each in a process of its own; `replace` starts a new process for a dead one. */
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

  /** Sends three of four commands on an event to one server, the fourth to the other; a dead server gets none. */
  const port: Port = async (eventId, command, now) => {
    calls += 1;
    const [first, second] = await Promise.all(pair);
    const usual = Number.parseInt(eventId.slice(-1), 16) % 2 === 0;
    const [one, other] = usual === calls % 4 > 0 ? [first, second] : [second, first];
    return (one.alive ? one : other).submit(eventId, command, now);
  };

  return {
    port,
    /** Makes one of the two processes kill itself at a packet to the database. */
    async doom(which: number, point: { packets: number; sent: boolean }): Promise<void> {
      (await pair[which % 2])?.dieAt(point);
    },
    /** Kills the process if it still runs, and starts another instead. */
    async replace(which: number): Promise<void> {
      await (await pair[which % 2])?.kill();
      pair[which % 2] = start();
    },
    defects: () => all.flatMap(({ defects }) => defects),
    close: async () => void (await Promise.all(all.map((server) => server.kill()))),
  };
}
