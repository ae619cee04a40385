import { rm } from 'node:fs/promises';
import type { TestContext } from 'vitest';
import { describe, expect, inject, it } from 'vitest';
import type { CommandResult } from '#server/booking/rules/command.ts';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';
import { commandCutter } from '../support/database/command-cutter.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { bookCommand, engineWorld, userId } from '../support/engine-world.ts';
import { RETRYABLE } from '../support/outcomes.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { testDatabaseUri } from '../support/database/test-database.ts';

const BUYERS = 200;

describe('[F3] a connection to the database lost during a commit', () => {
  it.for(['request', 'reply'] as const)('loses the %s: the client gets one booking and a success', async (lost, t) => {
    const cutter = await commandCutter('commitTransaction');
    t.onTestFinished(cutter.close);
    const world = await engineWorld(t, { mongoUri: cutter.through(testDatabaseUri()) });
    const eventId = await world.createEvent({ totalSeats: 10 });
    cutter.cutNext(lost);
    const commands = [2, 3].map((seats) => bookCommand(userId(), seats));
    const settled = await Promise.all(commands.map((command) => world.engine.submit(eventId, command)));
    expect(cutter.cuts()).toBe(1);
    for (const { outcome } of settled) expect(outcome).toMatchObject({ ok: true, booking: { status: 'confirmed' } });
    expect(await world.models.events.findById(eventId).lean()).toMatchObject({ soldSeats: 5, availableSeats: 5 });
    expect(await world.models.bookings.countDocuments({ eventId })).toBe(2);
    const seqs = (await world.models.ledger.find({ eventId }).sort({ seq: 1 }).lean()).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  });
});

/** A database on a mongod of its own, so that its failure affects no other test. */
async function ownDatabase(t: Pick<TestContext, 'onTestFinished'>) {
  const dataDir = await scratchFolder('faults');
  const log = { info: () => undefined, error: () => undefined };
  const embedded = await startEmbedded({ dataDir, binary: inject('mongodBinary'), log });
  t.onTestFinished(async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const world = await engineWorld(t, { mongoUri: embedded.uri });
  return { embedded, world };
}

/** Sends many booking commands for one event, and calls `strike` as soon as some of them have succeeded. */
async function sellThrough(world: EngineWorld, strike: () => Promise<unknown>) {
  const eventId = await world.createEvent({ totalSeats: 1_000 });
  const commands = Array.from({ length: BUYERS }, () => bookCommand(userId(), 1));
  let answered = 0;
  const struck: Promise<unknown>[] = [];
  const send = async (command: (typeof commands)[number]): Promise<CommandResult> => {
    const settled = await world.engine.submit(eventId, command);
    answered += 1;
    if (answered === 20) struck.push(strike());
    return settled;
  };
  const first: Promise<CommandResult>[] = [];
  for (const [i, command] of commands.entries()) {
    first.push(send(command));
    if (i % 10 === 9) await Promise.race([first[i], new Promise((resolve) => setImmediate(resolve))]);
  }
  const settled = await Promise.all(first);
  expect(struck).toHaveLength(1);
  await Promise.all(struck);
  const again = await Promise.all(commands.map((command) => untilSettled(world, eventId, command)));
  settled.forEach(({ outcome }, i) => {
    if (!outcome.ok) return expect(RETRYABLE).toContain(outcome.error.code);
    // [I4] A retry returns the acknowledged booking.
    expect(again[i]?.outcome).toMatchObject({ ok: true, booking: { id: commands[i]?.bookingId } });
  });
  expect(await world.models.events.findById(eventId).lean()).toMatchObject({ soldSeats: BUYERS });
  expect(await world.models.bookings.countDocuments({ eventId })).toBe(BUYERS);
}

/** Retries a command with the same request id while the reply is a retryable refusal. */
async function untilSettled(world: EngineWorld, eventId: string, command: ReturnType<typeof bookCommand>) {
  for (let tries = 0; tries < 30; tries += 1) {
    const settled = await world.engine.submit(eventId, command);
    if (settled.outcome.ok) return settled;
    expect(RETRYABLE).toContain(settled.outcome.error.code);
  }
  throw new Error('The database does not come back');
}

describe('the database under a crowd', () => {
  it('[F2] [I1] [I2] [I3] [I4] steps down: each request has one booking', async (t) => {
    const { world } = await ownDatabase(t);
    const stepDown = { replSetStepDown: 2, secondaryCatchUpPeriodSecs: 0, force: true };
    await sellThrough(world, () => world.database.client.db('admin').command(stepDown));
  }, 90_000);

  it('[F5] [I1] [I2] [I3] [I4] is killed and restarted: the same server recovers, each request has one booking', async (t) => {
    const { embedded, world } = await ownDatabase(t);
    await sellThrough(world, async () => process.kill(embedded.pid() ?? 0, 'SIGKILL'));
  }, 90_000);
});
