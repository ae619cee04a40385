import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forwardForeign, holderOf } from './forward.ts';
import type { Orders, Report, Word } from './messages.ts';

/** This worker's number among the server's processes; null in a server of one process. */
export function workerId(): number | null {
  return cluster.worker?.id ?? null;
}

/** Asks the primary what to do. */
export async function askForOrders(): Promise<Orders> {
  const orders = new Promise<Orders>((resolve) => {
    onWord((word) => {
      if (word.kind === 'orders') resolve(word);
    });
  });
  report({ kind: 'hello' });
  return orders;
}

/** Tells the primary that this worker serves. */
export function reportReady(port: number): void {
  report({ kind: 'ready', port });
}

/** Lets a server answer for the workers together; gives how to end it. */
export async function joinPeers(server: Server, id: number): Promise<() => Promise<void>> {
  let ports = new Map<number, number>();
  onWord((word) => {
    if (word.kind === 'peers') ports = new Map(word.ports);
  });
  const inside = createServer();
  for (const name of ['request', 'upgrade']) inside.on(name, (...args: unknown[]) => void server.emit(name, ...args));
  forwardForeign(server, ({ url }) => {
    const holder = holderOf(url);
    return holder === null || holder === id ? null : (ports.get(holder) ?? null);
  });
  // Not shared with the other workers, as a port of theirs would be.
  inside.listen({ host: '127.0.0.1', port: 0, exclusive: true });
  await once(inside, 'listening');
  report({ kind: 'inside', port: (inside.address() as AddressInfo).port });
  return async () => {
    inside.close();
    inside.closeAllConnections();
  };
}

function onWord(hear: (word: Word) => void): void {
  process.on('message', (word) => hear(word as Word));
}

function report(what: Report): void {
  process.send?.(what);
}
