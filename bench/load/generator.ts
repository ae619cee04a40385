// The load generator is a process of its own: it shares the cores with the server, but not the event loop.
import type { Load, LoadOptions, ReceivedCounts, RoundFigures } from './load.ts';
import { openLoad } from './load.ts';

export type GeneratorRequest =
  { kind: 'open'; options: LoadOptions } | { kind: 'round'; seconds: number } | { kind: 'finish' };

/** One reply to each request, in the same order. */
export type GeneratorReply =
  { kind: 'opened' } | { kind: 'round'; figures: RoundFigures } | { kind: 'finished'; received: ReceivedCounts };

function serve(): void {
  let load: Load | null = null;

  async function handle(request: GeneratorRequest): Promise<GeneratorReply> {
    if (request.kind === 'open') {
      load = await openLoad(request.options);
      return { kind: 'opened' };
    }
    if (!load) throw new Error(`The request "${request.kind}" came before "open"`);
    if (request.kind === 'round') return { kind: 'round', figures: await load.round(request.seconds) };
    await load.allPushed();
    load.close();
    return { kind: 'finished', received: load.received };
  }

  // An unhandled rejection ends this process, which the parent reports as a failure.
  process.on('message', (request: GeneratorRequest) => void handle(request).then((reply) => process.send?.(reply)));
  process.on('disconnect', () => process.exit());
}

serve();
