import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Log } from '../log.ts';
import type { Orders, Report, Word } from './messages.ts';

/** A worker that ends as soon as it has begun must not be started again without a pause. */
const RESTART_MS = 1_000;

/** A worker ended before it could serve; it has said itself why. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded';
}

export interface PrimaryOptions {
  workers: number;
  orders: Omit<Orders, 'prepares'>;
  log: Log;
}

/**
 * Starts so many processes of this same program that listen on one port, and starts another for each that is lost.
 * Resolves once all of them serve; `stop` asks them to end, and waits.
 */
export async function startWorkers({ workers, orders, log }: PrimaryOptions) {
  const inside = new Map<number, number>();
  let stopping = false;

  function start(prepares: boolean): Promise<number> {
    const worker = cluster.fork();
    return new Promise((resolve, reject) => {
      let serves = false;
      worker.on('message', (report: Report) => {
        if (report.kind === 'hello') say(worker, { kind: 'orders', ...orders, prepares });
        if (report.kind === 'inside') noteInside(worker.id, report.port);
        if (report.kind !== 'ready') return;
        serves = true;
        resolve(report.port);
      });
      worker.once('exit', (code, signal) => {
        inside.delete(worker.id);
        if (!serves) reject(new WorkerEnded(`A server process ended before it was ready (${signal ?? code}).`));
        else if (!stopping) replace(worker.id, signal ?? code);
      });
    });
  }

  function noteInside(id: number, port: number): void {
    inside.set(id, port);
    for (const worker of all()) say(worker, { kind: 'peers', ports: [...inside] });
  }

  function replace(id: number, end: unknown): void {
    log.error({ worker: id, end }, 'A server process ended by itself; starting another.');
    setTimeout(() => {
      if (stopping) return;
      start(false).catch((error: unknown) => {
        log.error({ err: error }, 'A server process could not be started again');
        if (!stopping) replace(id, 'start');
      });
    }, RESTART_MS);
  }

  async function stop(): Promise<void> {
    stopping = true;
    const ends = await Promise.all(
      all().map(async (worker) => {
        worker.process.kill('SIGTERM');
        if (!worker.isDead()) await once(worker, 'exit');
        return worker.process.exitCode;
      }),
    );
    if (ends.some((code) => code !== 0)) throw new Error(`Server processes ended with ${ends.join(', ')}`);
  }

  // One first: keys, admin and sample data are made once, and a port that is taken is said once.
  const port = await start(true);
  await Promise.all(Array.from({ length: workers - 1 }, () => start(false)));
  return { port, stop };
}

function all(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function say(worker: Worker, word: Word): void {
  if (worker.isConnected()) worker.send(word);
}
