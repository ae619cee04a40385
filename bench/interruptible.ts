import { say } from '../scripts/setup/say.js';

/**
 * Runs a measurement until its end or a signal, and resolves to its exit code. A signal does not end the process:
 * databases, servers and generators are to be stopped, and their data removed.
 */
export async function interruptible(run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  try {
    return await run(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    say('Interrupted: there is no report.');
    return 130;
  }
}
