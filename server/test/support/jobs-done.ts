import { expect } from 'vitest';
import type { TestApp } from './test-app.ts';

/** Polls until no job is left; each poll moves the server's clock on by `passMs` milliseconds. Default: 0. */
export async function jobsDone({ app: { models, engine }, clock }: TestApp, { passMs = 0 } = {}): Promise<void> {
  const left = async () => {
    clock.offsetMs += passMs;
    await engine.drained();
    return models.jobs.countDocuments({ state: { $in: ['waiting', 'running'] } });
  };
  await expect.poll(left, { timeout: 20_000 }).toBe(0);
}
