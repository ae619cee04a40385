import { describe, expect, it } from 'vitest';
import { ok } from '#shared/protocol/errors.ts';
import { createReadLane } from './read-lane.ts';

/** A lane whose reads end when the test says so. */
function setup(options: Partial<Parameters<typeof createReadLane>[0]> = {}) {
  const world = { nowMs: 0, slept: [] as number[], begun: [] as string[], ends: new Map<string, () => void>() };
  const lane = createReadLane({
    parallel: 1,
    mostWaiting: 2,
    longestWaitMs: 1_000,
    rest: 0,
    monotonic: () => world.nowMs,
    sleep: async (ms) => void world.slept.push(ms),
    ...options,
  });
  const read = (key: string) =>
    lane.run(key, async () => {
      world.begun.push(key);
      await new Promise<void>((resolve) => world.ends.set(key, resolve));
      return ok(key);
    });
  const end = (key: string) => world.ends.get(key)?.();
  return { world, read, end };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a lane of reads', () => {
  it('runs so many at once, and the others in their order', async () => {
    const { world, read, end } = setup({ parallel: 2 });
    const results = ['a', 'b', 'c'].map(read);
    await settled();
    expect(world.begun).toEqual(['a', 'b']);
    end('b');
    await settled();
    expect(world.begun).toEqual(['a', 'b', 'c']);
    end('a');
    end('c');
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c'].map((key) => ok(key)));
  });

  it('shares a read that waits, but none that has begun', async () => {
    const { world, read, end } = setup();
    const first = read('a');
    await settled();
    const others = [read('a'), read('a')];
    end('a');
    await first;
    await settled();
    end('a');
    await Promise.all(others);
    expect(world.begun).toEqual(['a', 'a']);
  });

  it('refuses more than may wait, and what has waited too long', async () => {
    const { world, read, end } = setup();
    const first = read('a');
    await settled();
    const late = read('b');
    world.nowMs = 600;
    const inTime = read('c');
    expect(await read('d')).toMatchObject({ error: { code: 'BUSY', retryAfterMs: 1_000 } });
    world.nowMs = 1_001;
    end('a');
    expect(await late).toMatchObject({ error: { code: 'BUSY' } });
    await settled();
    end('c');
    expect([await first, await inTime]).toEqual([ok('a'), ok('c')]);
    expect(world.begun).toEqual(['a', 'c']);
  });

  it('rests after each read for a share of its time', async () => {
    const { world, read, end } = setup({ rest: 0.5 });
    const first = read('a');
    await settled();
    world.nowMs = 40;
    end('a');
    await first;
    await settled();
    expect(world.slept).toEqual([20]);
  });

  it('adds up short rests until they are worth a timer, and forgets them while nothing is read', async () => {
    const { world, read, end } = setup({ rest: 1 });
    const readFor = async (ms: number) => {
      const one = read('a');
      await settled();
      world.nowMs += ms;
      end('a');
      await one;
      await settled();
    };
    await readFor(2);
    await readFor(2);
    expect(world.slept).toEqual([]);
    world.nowMs += 100;
    await readFor(2);
    await readFor(2);
    expect(world.slept).toEqual([]);
    await readFor(2);
    expect(world.slept).toEqual([6]);
  });

  it('goes on after a read that fails, and passes its error on', async () => {
    const lane = createReadLane({
      parallel: 1,
      mostWaiting: 2,
      longestWaitMs: 1_000,
      rest: 0,
      monotonic: () => 0,
      sleep: async () => undefined,
    });
    await expect(lane.run('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await lane.run('a', async () => ok(1))).toEqual(ok(1));
  });
});
