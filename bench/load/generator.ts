// The load generator is a process of its own: it shares the cores with the server, but not the event loop.
import type { Flood, FloodOptions, FloodRate, FloodRound } from './flood.ts';
import { openFlood } from './flood.ts';
import type { Load, LoadOptions, ReceivedCounts, RoundFigures, RoundTarget } from './load.ts';
import { openLoad } from './load.ts';

export type GeneratorRequest =
  | { kind: 'open'; options: LoadOptions }
  | { kind: 'round'; seconds: number; target?: RoundTarget }
  | { kind: 'finish' }
  | { kind: 'openFlood'; options: FloodOptions }
  | { kind: 'flood'; rate: FloodRate; seconds: number };

/** One reply to each request, in the same order. */
export type GeneratorReply =
  | { kind: 'opened' }
  | { kind: 'round'; figures: RoundFigures }
  | { kind: 'finished'; received: ReceivedCounts }
  /** `booked`: all bookings that were acknowledged since the flood was opened. */
  | { kind: 'flood'; figures: FloodRound; booked: number };

function serve(): void {
  let load: Load | null = null;
  let flood: Flood | null = null;

  async function handle(request: GeneratorRequest): Promise<GeneratorReply> {
    if (request.kind === 'open') {
      load = await openLoad(request.options);
      return { kind: 'opened' };
    }
    if (request.kind === 'openFlood') {
      flood = await openFlood(request.options);
      return { kind: 'opened' };
    }
    if (request.kind === 'flood') {
      if (!flood) throw new Error('The request "flood" came before "openFlood"');
      const figures = await flood.round(request.rate, request.seconds);
      return { kind: 'flood', figures, booked: flood.booked };
    }
    if (!load) throw new Error(`The request "${request.kind}" came before "open"`);
    if (request.kind === 'round') return { kind: 'round', figures: await load.round(request.seconds, request.target) };
    await load.allPushed();
    load.close();
    return { kind: 'finished', received: load.received };
  }

  // An unhandled rejection ends this process, which the parent reports as a failure.
  process.on('message', (request: GeneratorRequest) => void handle(request).then((reply) => process.send?.(reply)));
  process.on('disconnect', () => process.exit());
}

serve();
