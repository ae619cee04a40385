import type { Money } from '#shared/protocol/primitives.ts';
import type { Client } from '../load/buyer-connection.ts';
import { startLoadGenerator } from '../load/generator-process.ts';
import type { ReceivedCounts, RoundFigures, RoundTarget } from '../load/load.ts';
import type { StoredCounts } from '../probes/agreement.ts';
import { assertAgreement } from '../probes/agreement.ts';
import { openTestbed } from '../testbed/testbed.ts';

const FREE: Money = { amount: 0, currency: 'EUR' };

interface SaleOptions {
  /** Over all servers. */
  buyers: number;
  /** Number of servers, 1 by default. */
  servers?: number;
  /** Whether each server has its own hot event. */
  apart?: boolean;
  /** Price of a seat; free by default. With a price each hold is released at once. */
  price?: Money;
  client?: Client;
  profile?: string | null;
  signal: AbortSignal;
  log?: (line: string) => void;
}

export type Sale = Awaited<ReturnType<typeof openSale>>;

/** A testbed whose buyers are connected, by a load generator of its own. `close` stops and removes all of it. */
export async function openSale(options: SaleOptions) {
  const { buyers, servers = 1, apart = false, price = FREE, client = 'wire', profile = null } = options;
  await using cleanup = new AsyncDisposableStack();
  const testbed = await openTestbed({ buyers, servers, apart, price, profile, log: options.log ?? (() => undefined) });
  cleanup.defer(() => testbed.close());
  const generator = startLoadGenerator(options.signal);
  cleanup.defer(() => generator.stop());
  const { ports, tokens, eventIds } = testbed;
  const loadPrice = price.amount > 0 ? price : null;
  await generator.request({ kind: 'open', options: { client, ports, tokens, eventIds, price: loadPrice } });
  const opened = cleanup.move();
  return {
    testbed,
    /** Processes by name, for processor times. */
    pids: { ...testbed.pids, generator: generator.pid },
    /** Lets all buyers book for the given time, a seat of the hot event unless `target` says otherwise. */
    async book(seconds: number, target: RoundTarget = {}): Promise<RoundFigures> {
      return (await generator.request({ kind: 'round', seconds, target })).figures;
    },
    /** Disconnects the buyers. Rejects if a push is missing, or if the stored records are not what was acknowledged. */
    async finish(): Promise<{ received: ReceivedCounts; stored: StoredCounts }> {
      const { received } = await generator.request({ kind: 'finish' });
      return { received, stored: await assertAgreement(testbed.database, received.booked) };
    },
    close: () => opened.disposeAsync(),
  };
}
