import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../../scripts/load/in-parallel.ts';
import type { Latencies } from '../../scripts/load/latencies.ts';
import type { BuyerConnection } from '../load/buyer-connection.ts';
import { openBuyerConnection } from '../load/buyer-connection.ts';
import type { Testbed } from '../testbed/testbed.ts';

const PARALLEL_CONNECTS = 25;

export type PacedBuyers = Awaited<ReturnType<typeof openPacedBuyers>>;

/** Connects buyers who together send `bookingsPerSecond` bookings at an even pace, each buyer one at a time. */
export async function openPacedBuyers(
  { port, tokens, eventId }: Pick<Testbed, 'port' | 'tokens' | 'eventId'>,
  bookingsPerSecond: number,
) {
  const replied = new Map<string, (ok: boolean) => void>();
  let isClosing = false;
  const open = (token: string) =>
    openBuyerConnection('wire', port, token, {
      replied: (ok) => replied.get(token)?.(ok),
      pushed: () => undefined,
      closed: () => {
        if (!isClosing) throw new Error('The server has closed a connection');
      },
    });
  const connections: BuyerConnection[] = await inParallel(tokens, PARALLEL_CONNECTS, open);

  function bookOne(index: number, latencies: Latencies): Promise<void> {
    const sentMs = performance.now();
    return new Promise((resolve, reject) => {
      replied.set(tokens[index] ?? '', (ok) => {
        latencies.record(performance.now() - sentMs);
        if (ok) resolve();
        else reject(new Error('A booking was refused'));
      });
      connections[index]?.send('book', JSON.stringify({ requestId: randomUUID(), eventId, seats: 1 }));
    });
  }

  return {
    /** Books for the given time, and adds the latencies. */
    async book(latencies: Latencies, seconds: number): Promise<void> {
      const endMs = performance.now() + seconds * 1_000;
      const intervalMs = (connections.length / bookingsPerSecond) * 1_000;
      await Promise.all(
        connections.map(async (_, index) => {
          let dueMs = performance.now() + (index / connections.length) * intervalMs;
          for (; dueMs < endMs; dueMs += intervalMs) {
            await sleep(Math.max(0, dueMs - performance.now()));
            await bookOne(index, latencies);
          }
        }),
      );
    },
    close(): void {
      isClosing = true;
      for (const connection of connections) connection.close();
    },
  };
}
