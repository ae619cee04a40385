import { randomUUID } from 'node:crypto';
import { sleepOrAbort } from '#server/sleep.ts';
import { runWithOptions } from '../command-line/command-line.ts';
import { CrowdError } from './crowd-error.ts';
import { runCrowd } from './crowd.ts';
import type { CrowdOptions } from './options.ts';
import { crowdCommandLine } from './options.ts';
import { exitCodeOf, summaryLines } from './report/summary.ts';

/** Ctrl-C is signalled by the terminal and by npm; two signals within this time are one key press. */
const SAME_INTERRUPT_MS = 1_000;

process.exitCode = await runWithOptions(crowdCommandLine, process.argv.slice(2), run);

async function run(options: CrowdOptions): Promise<number> {
  const interrupt = new AbortController();
  onInterrupt(() => interrupt.abort());
  try {
    const figures = await runCrowd(options, {
      signal: interrupt.signal,
      screen: process.stderr,
      newRequestId: randomUUID,
      now: () => new Date(),
      monotonicMs: () => performance.now(),
      sleepOrAbort,
    });
    const text = options.json ? JSON.stringify(figures, null, 2) : summaryLines(figures).join('\n');
    process.stdout.write(`${text}\n`);
    return exitCodeOf(figures);
  } catch (error) {
    if (!(error instanceof CrowdError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** Calls back at the first interrupt; a later one ends the process at once, without a summary. */
function onInterrupt(interrupt: () => void): void {
  let firstMs = Infinity;
  const interrupted = () => {
    if (performance.now() - firstMs > SAME_INTERRUPT_MS) process.exit(130);
    firstMs = Math.min(firstMs, performance.now());
    interrupt();
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
}
