import { describe, expect, it } from 'vitest';
import mongoose from 'mongoose';
import { createDatabaseClock } from './database-clock.ts';

const NOON_MS = Date.parse('2026-11-23T12:00:00.000Z');

/** A database whose clock is ahead of the machine's; each answer takes one of the round trips, half of it each way. */
async function setup(aheadMs: number, ...roundTripsMs: number[]) {
  const world = { monotonicMs: 5_000, aheadMs, stepMs: 0, fails: null as Error | null, lines: [] as unknown[][] };
  const machineMs = () => NOON_MS + world.monotonicMs - 5_000;
  const clock = await createDatabaseClock({
    async readTime() {
      if (world.fails) throw world.fails;
      const halfMs = (roundTripsMs.shift() ?? 0) / 2;
      world.monotonicMs += halfMs;
      const time = new Date(machineMs() + world.aheadMs);
      world.monotonicMs += halfMs;
      return time;
    },
    monotonic: () => world.monotonicMs,
    systemNow: () => new Date(machineMs() + world.stepMs),
    log: {
      warn: (...line: unknown[]) => void world.lines.push(['warn', ...line]),
      info: (...line: unknown[]) => void world.lines.push(['info', ...line]),
    },
  });
  /** The difference between the clock and the database's clock, in milliseconds. */
  const errorMs = () => clock.now().getTime() - machineMs() - world.aheadMs;
  return { world, clock, errorMs };
}

describe('the database clock', () => {
  it('shows the time of the database, whatever the clock of the machine shows', async () => {
    const { world, clock, errorMs } = await setup(300_000);
    expect(errorMs()).toBe(0);
    expect(clock.skewMs).toBe(-300_000);
    world.monotonicMs += 3_600_000;
    expect(errorMs()).toBe(0);
  });

  it('does not follow a change of the clock of the machine while it runs', async () => {
    const { world, clock, errorMs } = await setup(0);
    world.stepMs = -86_400_000;
    expect(errorMs()).toBe(0);
    expect(clock.skewMs).toBe(-86_400_000);
  });

  it('uses the measurement with the shortest round trip, and ignores later, slower ones that agree', async () => {
    const { clock, errorMs } = await setup(1_000, 400, 4, 90);
    const before = errorMs();
    expect(Math.abs(before)).toBeLessThanOrEqual(2);
    await clock.compare();
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
  });

  it('follows a new primary with a different clock, even by a slow measurement', async () => {
    const { world, clock, errorMs } = await setup(0, 2, 2, 2, 300);
    world.aheadMs = 300_000;
    await clock.compare();
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(151);
  });

  it('continues during an outage, and throws on a defect', async () => {
    const { world, clock, errorMs } = await setup(7_000);
    world.fails = new mongoose.mongo.MongoNetworkError('gone');
    await clock.compare();
    expect(errorMs()).toBe(0);
    world.fails = new TypeError('oops');
    await expect(clock.compare()).rejects.toThrow('oops');
  });

  it('logs a difference of a second once, its change, and its end', async () => {
    const { world, clock } = await setup(0);
    await clock.compare();
    expect(world.lines).toEqual([]);
    for (const aheadMs of [-300_000, -300_100, -2_000, 0, 0]) {
      world.aheadMs = aheadMs;
      await clock.compare();
    }
    expect(world.lines.map(([level, fields]) => [level, fields])).toEqual([
      ['warn', { skewSeconds: 300 }],
      ['warn', { skewSeconds: 2 }],
      ['info', { skewSeconds: 0 }],
    ]);
  });
});
