import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { runCrowd } from './crowd/crowd.ts';
import { CrowdError } from './crowd/crowd-error.ts';
import { HELP, parseOptions } from './crowd/options.ts';
import type { CrowdOptions } from './crowd/options.ts';
import { exitCodeOf, summaryLines } from './crowd/summary.ts';

const parsed = parseOptions(process.argv.slice(2));
if (parsed.kind === 'help') process.stdout.write(HELP);
else process.exitCode = parsed.kind === 'wrong' ? complain(parsed.why) : await run(parsed.options);

async function run(options: CrowdOptions): Promise<number> {
  const early = new AbortController();
  // Once: a second Ctrl-C ends the process as usual.
  process.once('SIGINT', () => early.abort());
  process.once('SIGTERM', () => early.abort());
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

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  // The rejection only says that the signal came first.
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function complain(why: string): number {
  process.stderr.write(`${why}\n`);
  return 1;
}
