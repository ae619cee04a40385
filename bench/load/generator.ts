// The load generator, a process of its own: the server shares its cores with it, but not its event loop.
import type { Load, LoadJob, Received, RoundFigures } from './load.ts';
import { openLoad } from './load.ts';

export type ToGenerator = { kind: 'open'; job: LoadJob } | { kind: 'round'; seconds: number } | { kind: 'finish' };

/** One answer to each order, in turn. */
export type FromGenerator =
  { kind: 'opened' } | { kind: 'round'; figures: RoundFigures } | { kind: 'finished'; received: Received };

function serve(): void {
  let load: Load | null = null;

  async function carryOut(order: ToGenerator): Promise<FromGenerator> {
    if (order.kind === 'open') {
      load = await openLoad(order.job);
      return { kind: 'opened' };
    }
    if (!load) throw new Error(`Asked for "${order.kind}" before "open"`);
    if (order.kind === 'round') return { kind: 'round', figures: await load.round(order.seconds) };
    await load.allPushed();
    load.close();
    return { kind: 'finished', received: load.received };
  }

  // A rejection ends this process, which the other side takes for the failure that it is.
  process.on('message', (order: ToGenerator) => void carryOut(order).then((answer) => process.send?.(answer)));
  process.on('disconnect', () => process.exit());
}

serve();
