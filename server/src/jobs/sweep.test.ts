import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SweepOptions, SweepTask } from './sweep.ts';
import { startSweep } from './sweep.ts';

/** A sweep whose sleeps the test ends. */
function running(task: Partial<SweepTask>, lease?: SweepOptions['lease']) {
  const waits: { ms: number; pass: () => void }[] = [];
  const sleepOrAbort = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
      waits.push({ ms, pass: resolve });
    });
  const error = vi.fn();
  const sweep = vi.fn(async () => 7);
  const all = { sweep, everyMs: 1_000, failure: 'It failed', ...task };
  const made = startSweep(all, { sleepOrAbort, log: { error }, ...(lease && { lease }) });
  onTestFinished(() => made.close());
  const next = async () => {
    const seen = waits.length;
    waits.at(-1)?.pass();
    await vi.waitUntil(() => waits.length > seen);
    return waits.at(-1)?.ms;
  };
  return { made, waits, next, error, sweep };
}

describe('a sweep', () => {
  test('begins at once or after `firstMs`, and waits as long as its task says', async () => {
    const { waits, next } = running({});
    expect(waits[0]?.ms).toBe(0);
    expect(await next()).toBe(7);
    expect(running({ firstMs: 300 }).waits[0]?.ms).toBe(300);
  });

  test('logs a failure, and retries it after `everyMs`', async () => {
    const cause = new Error('no database');
    const { next, error } = running({ sweep: () => Promise.reject(cause) });
    expect(await next()).toBe(1_000);
    expect(error.mock.calls).toEqual([[{ err: cause }, 'It failed']]);
  });

  test('does nothing while another process holds the lease', async () => {
    let isMine = false;
    const { next, sweep } = running({}, { hold: async () => isMine });
    expect(await next()).toBe(1_000);
    expect(sweep).not.toHaveBeenCalled();
    isMine = true;
    expect(await next()).toBe(7);
  });

  test('logs a failure to reach its lease, and retries it', async () => {
    const { next, error, sweep } = running({}, { hold: () => Promise.reject(new Error('no database')) });
    expect(await next()).toBe(1_000);
    expect([error.mock.calls.length, sweep.mock.calls.length]).toEqual([1, 0]);
  });

  test('closes after the current run, whose signal aborts', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const seen: AbortSignal[] = [];
    const { made, waits } = running({
      sweep: (closing) => {
        seen.push(closing);
        return promise;
      },
    });
    waits[0]?.pass();
    await vi.waitUntil(() => seen.length === 1);
    let isClosed = false;
    const closed = made.close().then(() => (isClosed = true));
    await Promise.resolve();
    expect([isClosed, seen[0]?.aborted]).toEqual([false, true]);
    resolve(1);
    await closed;
  });
});
