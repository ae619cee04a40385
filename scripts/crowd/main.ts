import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { runWithOptions } from '../command-line/command-line.ts';
import { runCrowd } from './crowd.ts';
import { CrowdError } from './crowd-error.ts';
import { crowdCommandLine } from './options.ts';
import type { CrowdOptions } from './options.ts';
import { exitCodeOf, summaryLines } from './report/summary.ts';

/** Signals that come this close together are one. */
const SAME_INTERRUPT_MS = 1_000;

process.exitCode = await runWithOptions(crowdCommandLine, process.argv.slice(2), run);

async function run(options: CrowdOptions): Promise<number> {
  const early = new AbortController();
  onInterrupts(() => early.abort());
  try {
    const figures = await runCrowd(options, {
      signal: early.signal,
      screen: process.stderr,
      newRequestId: randomUUID,
      now: () => new Date(),
      monotonic: () => performance.now(),
      wait,
    });
    const text = options.json ? JSON.stringify(figures, null, 2) : summaryLines(figures).join('\n');
    process.stdout.write(`${text}\n`);
    return exitCodeOf(figures);
  } catch (error) {
    if (error instanceof CrowdError) return complain(error.message);
    throw error;
  }
}

/** Ctrl-C reaches us from the terminal and from npm at once; one that comes later means to end without a summary. */
function onInterrupts(first: () => void): void {
  let firstMs = Infinity;
  const interrupted = () => {
    if (performance.now() - firstMs > SAME_INTERRUPT_MS) process.exit(130);
    firstMs = Math.min(firstMs, performance.now());
    first();
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  // The rejection only says that the signal came first.
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function complain(why: string): number {
  process.stderr.write(`${why}\n`);
  return 1;
}
