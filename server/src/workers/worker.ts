import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsPeers, WorkerMetrics } from '../metrics/merge-metrics.ts';
import { forwardForeignRequests, workerOfTransport } from './forward.ts';
import type { WorkerSettings, WorkerMessage, PrimaryMessage } from './messages.ts';

/** This worker's number among the server's processes; null if the server is a single process. */
export function workerId(): number | null {
  return cluster.worker?.id ?? null;
}

/** Asks the primary for this worker's settings. */
export async function requestSettings(): Promise<WorkerSettings> {
  const settings = new Promise<WorkerSettings>((resolve) => {
    onMessage((message) => {
      if (message.kind === 'settings') resolve(message);
    });
  });
  send({ kind: 'hello' });
  return settings;
}

/** Notifies the primary that the server has to end, because the database is too new for it. */
export function reportOutgrown(): void {
  send({ kind: 'outgrown' });
}

/** Notifies the primary that this worker serves on the port. */
export function reportReady(port: number): void {
  send({ kind: 'ready', port });
}

/**
 * Connects a worker with the others: requests that belong to another worker are forwarded to it, and a private port
 * takes those that the others forward to this one. Resolves with the function that closes the private port.
 */
export async function joinPeers(server: Server, id: number): Promise<() => Promise<void>> {
  let ports = new Map<number, number>();
  onMessage((message) => {
    if (message.kind === 'peers') ports = new Map(message.ports);
  });
  const privateServer = createServer();
  for (const name of ['request', 'upgrade'])
    privateServer.on(name, (...args: unknown[]) => void server.emit(name, ...args));
  forwardForeignRequests(server, ({ url }) => {
    const worker = workerOfTransport(url);
    return worker === null || worker === id ? null : (ports.get(worker) ?? null);
  });
  // Exclusive: by default node:cluster shares a port among all workers.
  privateServer.listen({ host: '127.0.0.1', port: 0, exclusive: true });
  await once(privateServer, 'listening');
  send({ kind: 'privatePort', port: (privateServer.address() as AddressInfo).port });
  return async () => {
    privateServer.close();
    privateServer.closeAllConnections();
  };
}

/** Connects the metrics of this worker with those of the others, through the primary. */
export function connectMetrics(): MetricsPeers {
  const requests = new Map<number, (all: WorkerMetrics[]) => void>();
  let count = 0;
  onMessage((message) => {
    if (message.kind !== 'allMetrics') return;
    requests.get(message.request)?.(message.all);
    requests.delete(message.request);
  });
  return {
    onCollect(collect) {
      onMessage((message) => {
        if (message.kind !== 'collectMetrics') return;
        const { collection } = message;
        void collect().then((metrics) => send({ kind: 'metrics', collection, metrics }));
      });
    },
    collectAll() {
      const request = (count += 1);
      const { promise, resolve } = Promise.withResolvers<WorkerMetrics[]>();
      requests.set(request, resolve);
      send({ kind: 'wantMetrics', request });
      return promise;
    },
  };
}

function onMessage(listener: (message: PrimaryMessage) => void): void {
  process.on('message', (message) => listener(message as PrimaryMessage));
}

function send(message: WorkerMessage): void {
  process.send?.(message);
}
