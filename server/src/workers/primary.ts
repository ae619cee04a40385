import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Log } from '../log.ts';
import { createMetricsCollector } from './metrics-collector.ts';
import type { WorkerSettings, WorkerMessage, PrimaryMessage } from './messages.ts';

/** Pause before a lost worker is replaced, so that one which ends right after its start is not restarted in a loop. */
const RESTART_MS = 1_000;
/** Longer than a worker takes to end; one whose event loop is stuck does not even see the signal. */
const KILL_MS = 9_200;

/** A worker ended before it was ready. The worker itself has written the reason to the terminal. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded';
}

export interface PrimaryOptions {
  workers: number;
  settings: Omit<WorkerSettings, 'preparesDemoData'>;
  /** Called when the database is too new for the server, which has to end. */
  outgrown: () => void;
  log: Log;
}

/**
 * Starts that many processes of this program, which listen on one port, and replaces each one that is lost. Resolves
 * with the port once all of them serve; throws WorkerEnded if one ends before. `stop` ends all workers, kills those that
 * are stuck, and waits for them; it throws if one of them ends with another code than 0.
 */
export async function startWorkers({ workers, settings, outgrown, log }: PrimaryOptions) {
  const privatePorts = new Map<number, number>();
  const metrics = createMetricsCollector((id, collection) => {
    const worker = cluster.workers?.[id];
    if (worker) send(worker, { kind: 'collectMetrics', collection });
  });
  let stopping = false;

  function start(preparesDemoData: boolean): Promise<number> {
    const worker = cluster.fork();
    return new Promise((resolve, reject) => {
      let serves = false;
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'hello') send(worker, { kind: 'settings', ...settings, preparesDemoData });
        if (message.kind === 'privatePort') sharePort(worker.id, message.port);
        if (message.kind === 'metrics') metrics.answered(worker.id, message.collection, message.metrics);
        if (message.kind === 'outgrown') outgrown();
        if (message.kind === 'wantMetrics') void sendMetrics(worker, message.request);
        if (message.kind !== 'ready') return;
        serves = true;
        resolve(message.port);
      });
      worker.once('exit', (code, signal) => {
        privatePorts.delete(worker.id);
        metrics.workerEnded(worker.id);
        if (!serves) reject(new WorkerEnded(`A server process ended before it was ready (${signal ?? code}).`));
        else if (!stopping) replace(worker.id, signal ?? code);
      });
    });
  }

  function sharePort(id: number, port: number): void {
    privatePorts.set(id, port);
    for (const worker of runningWorkers()) send(worker, { kind: 'peers', ports: [...privatePorts] });
  }

  async function sendMetrics(worker: Worker, request: number): Promise<void> {
    // A worker without a private port does not answer yet.
    const all = await metrics.collect([...privatePorts.keys()]);
    send(worker, { kind: 'allMetrics', request, all });
  }

  function replace(id: number, end: unknown): void {
    log.error({ worker: id, end }, 'A server process ended unexpectedly; starting another.');
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
      runningWorkers().map(async (worker) => {
        const ended = once(worker, 'exit');
        worker.process.kill('SIGTERM');
        const timer = setTimeout(() => worker.process.kill('SIGKILL'), KILL_MS);
        if (!worker.isDead()) await ended;
        clearTimeout(timer);
        return worker.process.exitCode;
      }),
    );
    if (ends.some((code) => code !== 0)) throw new Error(`Server processes ended with ${ends.join(', ')}`);
  }

  // The first alone: keys, admin and sample data are made once, and a taken port is reported once.
  const port = await start(true);
  await Promise.all(Array.from({ length: workers - 1 }, () => start(false)));
  return { port, stop };
}

function runningWorkers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function send(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message);
}
