import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { quiet } from '../../test/support/quiet.ts';
import { testDatabaseUri } from '../../test/support/database/test-database.ts';
import type { JobDoc } from '#server/models/job.ts';
import { newJobDoc } from '#server/models/job.ts';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { LOCK_MS } from './job-records.ts';
import { JobWaits } from './job-waits.ts';
import type { JobHandler, JobRunnerOptions } from './runner.ts';
import { createJobRunner } from './runner.ts';

/** Sleeps that end when their signal aborts or when the test calls `pass`. */
function heldWaits() {
  const open = new Set<() => void>();
  const sleepOrAbort: JobRunnerOptions['sleepOrAbort'] = (_ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        open.delete(done);
        resolve();
      };
      open.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  return { open, sleepOrAbort, pass: () => [...open].forEach((done) => done()) };
}

type JobRunner = ReturnType<typeof createJobRunner>;

/** The interval at which a runner looks for the jobs of dead runners. */
const LOOK_MS = 1_000;

async function jobWorld() {
  const connection = await connectMongo(testDatabaseUri());
  const models = createModels(connection);
  await prepareDatabase({ connection, models });
  const clock = { now: new Date('2026-11-23T12:00:00.000Z') };
  const runners: JobRunner[] = [];

  function runner(handler: JobHandler, more: Partial<JobRunnerOptions> = {}): JobRunner {
    const base = { models, holder: randomUUID(), now: () => clock.now, random: () => 1, log: quiet };
    const made = createJobRunner({
      ...base,
      sleepOrAbort: heldWaits().sleepOrAbort,
      handlers: { test: handler },
      ...more,
    });
    runners.push(made);
    return made;
  }

  const database = connection.getClient().db(connection.name);
  /** Adds jobs that are due at once, in this order. */
  async function addJobsOf(eventId: string | null, keys: readonly string[], kind = 'test'): Promise<void> {
    const payload = (of: string) => ({ of, ...(eventId !== null && { eventId }) });
    const docs = keys.map((key, n) =>
      newJobDoc({ key, kind, payload: payload(key) }, new Date(clock.now.getTime() - 60_000 + n)),
    );
    await models.jobs.collection.insertMany(docs as JobDoc[]);
  }

  return {
    models,
    database,
    clock,
    runner,
    addJobsOf,
    addJob: async (key: string, kind = 'test') =>
      models.jobs.collection.insertOne(newJobDoc({ key, kind, payload: { of: key } }, clock.now) as JobDoc),
    job: (key: string) => models.jobs.findOne({ key }).orFail().lean<JobDoc>().exec(),
    pass: (ms: number) => void (clock.now = new Date(clock.now.getTime() + ms)),
    async close(): Promise<void> {
      await Promise.all(runners.map((one) => one.close()));
      await connection.close();
    },
  };
}

let world: Awaited<ReturnType<typeof jobWorld>>;

beforeEach(async () => {
  world = await jobWorld();
});

afterEach(async () => {
  await world.close();
});

/** A handler that waits until the test calls `go`. */
function heldHandler() {
  const began = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const handler: JobHandler = async () => {
    began.resolve();
    await go.promise;
  };
  return { handler, began: began.promise, go: go.resolve };
}

describe('a job runner', () => {
  it('runs due jobs, the oldest first, and keeps their documents', async () => {
    const seen: unknown[] = [];
    for (const key of ['a', 'b']) {
      await world.addJob(key);
      world.pass(1);
    }
    const runner = world.runner(async (payload, { progress }) => {
      seen.push(payload);
      await progress({ done: 3, total: 4 });
    });
    expect(await runner.runDue()).toBe(2);
    expect(seen).toEqual([{ of: 'a' }, { of: 'b' }]);
    const progress = { done: 3, total: 4 };
    expect(await world.job('a')).toMatchObject({ state: 'done', attempts: 1, holder: null, progress, lastError: null });
    expect((await world.job('a')).doneAt).toEqual(world.clock.now);
    expect(await runner.runDue()).toBe(0);
    expect(runner.counts).toEqual({ done: 2, retried: 0, failed: 0 });
  });

  it('leaves jobs of an unknown kind to other runners', async () => {
    await world.addJob('a', 'mail');
    expect(await world.runner(async () => undefined).runDue()).toBe(0);
    expect(await world.job('a')).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('refuses a second job with the same key', async () => {
    await world.addJob('a');
    await expect(world.addJob('a')).rejects.toThrow('duplicate key');
  });

  it('doubles the delay before each retry of a job, to ten minutes at most', async () => {
    await world.addJob('a');
    const runner = world.runner(() => Promise.reject(new Error('no provider')));
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      expect(await runner.runDue()).toBe(1);
      const { nextAt, state, lastError } = await world.job('a');
      expect({ state, lastError }).toEqual({ state: 'waiting', lastError: 'Error: no provider' });
      delays.push(nextAt.getTime() - world.clock.now.getTime());
      world.clock.now = new Date(nextAt.getTime() - 1);
      expect(await runner.runDue()).toBe(0);
      world.pass(1);
    }
    expect(delays.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(delays.at(-1)).toBe(600_000);
  });

  it('draws the delay before a retry from half to all of it, so that jobs that failed together spread out', async () => {
    await world.addJob('a');
    await world.runner(() => Promise.reject(new Error('no')), { random: () => 0 }).runDue();
    expect((await world.job('a')).nextAt.getTime() - world.clock.now.getTime()).toBe(500);
  });

  it('gives up after the last attempt, logs that once, and keeps the job as failed', async () => {
    await world.addJob('a');
    const error = vi.fn();
    const runner = world.runner(() => Promise.reject(new Error('never')), { maxAttempts: 3, log: { ...quiet, error } });
    for (let round = 0; round < 6; round += 1) {
      await runner.runDue();
      world.pass(3_600_000);
    }
    expect(await world.job('a')).toMatchObject({ state: 'failed', attempts: 3, lastError: 'Error: never' });
    expect(error.mock.calls).toEqual([[expect.objectContaining({ job: 'a', attempts: 3 }), expect.any(String)]]);
    expect(runner.counts).toEqual({ done: 0, retried: 2, failed: 1 });
  });
});

describe('the lanes of a job runner', () => {
  it('run that many jobs at once, and the next as soon as one of them ends', async () => {
    for (const key of ['a', 'b', 'c']) await world.addJob(key);
    const open: { of: unknown; end: () => void }[] = [];
    const handler: JobHandler = (payload) =>
      new Promise((resolve) => open.push({ of: (payload as { of: unknown }).of, end: resolve }));
    const runner = world.runner(handler, { lanes: 2 });
    runner.start();
    await vi.waitUntil(() => open.length === 2);
    expect(await world.job('c')).toMatchObject({ state: 'waiting' });
    open.shift()?.end();
    await vi.waitUntil(() => open.length === 2);
    expect(open.map(({ of }) => of).toSorted()).toContain('c');
    open.forEach(({ end }) => end());
    await vi.waitUntil(() => runner.counts.done === 3);
  });
});

const keyOf = (payload: unknown) => (payload as { of: string }).of;
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}${n}`);

describe('the order of a job runner', () => {
  it('takes the events in turn, so that none waits behind the backlog of another', async () => {
    await world.addJobsOf('a', numbered('a', 5));
    await world.addJobsOf('b', ['b0']);
    await world.addJobsOf('c', ['c0', 'c1']);
    await world.addJobsOf(null, ['none0']);
    const seen: string[] = [];
    await world.runner(async (payload) => void seen.push(keyOf(payload))).runDue();
    expect(seen).toEqual(['none0', 'a0', 'b0', 'c0', 'a1', 'c1', 'a2', 'a3', 'a4']);
  });

  it('takes the kinds in turn, so that none waits behind the backlog of another', async () => {
    await world.addJobsOf('a', numbered('long', 3), 'long');
    await world.addJobsOf('z', ['short0'], 'short');
    const seen: string[] = [];
    const handler: JobHandler = async (payload) => void seen.push(keyOf(payload));
    await world.runner(handler, { handlers: { long: handler, short: handler } }).runDue();
    expect(seen).toEqual(['long0', 'short0', 'long1', 'long2']);
  });

  it('reaches a new event at once while another has a backlog, also with jobs that are not due', async () => {
    await world.addJobsOf('a', numbered('a', 4));
    await world.addJobsOf('b', ['later']);
    await world.models.jobs.updateOne({ key: 'later' }, { $set: { nextAt: new Date('2027-01-01') } });
    const seen: string[] = [];
    const runner = world.runner(async (payload) => {
      seen.push(keyOf(payload));
      if (seen.length === 2) await world.addJobsOf('c', ['new']);
    });
    await runner.runDue();
    expect(seen).toEqual(['a0', 'a1', 'new', 'a2', 'a3']);
    expect(await world.job('later')).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('asks for the jobs of all its kinds by one read while none is due, and runs the next one', async () => {
    const done: unknown[] = [];
    const handler: JobHandler = async (payload) => void done.push(payload);
    const runner = world.runner(handler, { handlers: { one: handler, two: handler, three: handler } });
    await runner.runDue();
    await world.database.command({ profile: 2 });
    await runner.runDue();
    await world.database.command({ profile: 0 });
    const profiled = await world.database
      .collection('system.profile')
      .find({ ns: /\.jobs$/ })
      .toArray();
    expect(profiled).toMatchObject([{ op: 'query', command: { filter: { state: 'waiting' } }, docsExamined: 0 }]);
    await world.addJob('last', 'three');
    await runner.runDue();
    expect(done).toEqual([{ of: 'last' }]);
  });

  it('reads a few index keys to take a job from a backlog of 12,000', async () => {
    for (const eventId of ['a', 'b', 'c']) await world.addJobsOf(eventId, numbered(eventId, 4_000));
    const soon = new Date(world.clock.now.getTime() + 1_000);
    await world.models.jobs.updateMany({ key: /^b/ }, { $set: { nextAt: soon } });
    await world.database.command({ profile: 2 });
    const runner = world.runner(async () => {
      if (runner.counts.done === 8) await runner.close();
    });
    await runner.runDue();
    await world.database.command({ profile: 0 });
    const claims = await world.database
      .collection('system.profile')
      .find({ 'command.findAndModify': 'jobs', 'command.query.state': 'waiting' })
      .toArray();
    expect(claims.length).toBeGreaterThan(8);
    for (const { keysExamined, docsExamined, hasSortStage } of claims) {
      expect(keysExamined).toBeLessThan(10);
      expect(docsExamined).toBeLessThan(3);
      expect(hasSortStage).toBeUndefined();
    }
  });
});

describe('several job runners', () => {
  it('never run one job at the same time', async () => {
    for (let n = 0; n < 20; n += 1) await world.addJob(`job-${n}`);
    const done: string[] = [];
    const handler: JobHandler = async (payload) => void done.push((payload as { of: string }).of);
    await Promise.all([1, 2, 3].map(() => world.runner(handler).runDue()));
    expect(done.toSorted()).toEqual([...new Set(done)].toSorted());
    expect(done).toHaveLength(20);
  });

  it('take over the job of a dead runner, whose later outcome does not count', async () => {
    await world.addJob('a');
    const { handler, began, go } = heldHandler();
    const dead = world.runner(handler);
    const running = dead.runDue();
    await began;
    const successor = world.runner(async (_, { progress }) => progress({ done: 1, total: 1 }));
    world.pass(LOCK_MS - 1);
    expect(await successor.runDue()).toBe(0);
    world.pass(LOOK_MS);
    expect(await successor.runDue()).toBe(1);
    const after = await world.job('a');
    expect(after).toMatchObject({ state: 'done', attempts: 2 });
    go();
    await running;
    expect(await world.job('a')).toEqual(after);
    expect(dead.counts.done).toBe(0);
  });

  it('leave a job alone while its runner renews the lock', async () => {
    await world.addJob('a');
    const { handler, began, go } = heldHandler();
    const waits = heldWaits();
    const running = world.runner(handler, { sleepOrAbort: waits.sleepOrAbort }).runDue();
    await began;
    world.pass(LOCK_MS - 1);
    waits.pass();
    const until = new Date(world.clock.now.getTime() + LOCK_MS);
    await vi.waitUntil(async () => (await world.job('a')).lockedUntil?.getTime() === until.getTime());
    world.pass(LOCK_MS - 1);
    expect(await world.runner(async () => undefined).runDue()).toBe(0);
    go();
    await running;
    expect(await world.job('a')).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('abort the handler of a runner that has lost its job', async () => {
    await world.addJob('a');
    const began = Promise.withResolvers<void>();
    const stopped: unknown[] = [];
    const waits = heldWaits();
    const slow = world.runner(
      (_, { signal }) => {
        began.resolve();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            stopped.push(signal.reason);
            reject(signal.reason as Error);
          }),
        );
      },
      { sleepOrAbort: waits.sleepOrAbort },
    );
    const running = slow.runDue();
    await began.promise;
    world.pass(LOCK_MS);
    await world.runner(async () => undefined).runDue();
    waits.pass();
    await running;
    expect(String(stopped[0])).toContain('Another runner has taken this job');
    expect(await world.job('a')).toMatchObject({ state: 'done', attempts: 2 });
  });

  it('give up a job that kills every runner that takes it', async () => {
    await world.addJob('a');
    const { handler, go } = heldHandler();
    const dead = [];
    for (let attempt = 0; attempt < 2; attempt += 1) {
      dead.push(world.runner(handler, { maxAttempts: 2 }).runDue());
      await vi.waitUntil(async () => (await world.job('a')).attempts === attempt + 1);
      world.pass(LOCK_MS);
    }
    const last = world.runner(handler, { maxAttempts: 2 });
    expect(await last.runDue()).toBe(1);
    expect(await world.job('a')).toMatchObject({ state: 'failed', lastError: expect.stringContaining('died') });
    go();
    await Promise.all(dead);
  });
});

describe('starting and closing a job runner', () => {
  it('runs a new job at once when it is woken', async () => {
    const waits = heldWaits();
    const runner = world.runner(async () => undefined, { sleepOrAbort: waits.sleepOrAbort });
    runner.start();
    await vi.waitUntil(() => waits.open.size > 0);
    await world.addJob('a');
    runner.wake();
    await vi.waitUntil(async () => (await world.job('a')).state === 'done');
  });

  it('stops the running job on close and returns it, so that another runner can take it at once', async () => {
    await world.addJob('a');
    const began = Promise.withResolvers<void>();
    const runner = world.runner((_, { signal }) => {
      began.resolve();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    runner.start();
    await began.promise;
    await runner.close();
    expect(await world.job('a')).toMatchObject({ state: 'waiting', attempts: 0, holder: null });
    expect(await world.runner(async () => undefined).runDue()).toBe(1);
  });

  it('does not wait on close for a handler that does not stop', async () => {
    await world.addJob('a');
    const { handler, began, go } = heldHandler();
    const waits = heldWaits();
    const runner = world.runner(handler, { sleepOrAbort: waits.sleepOrAbort });
    runner.start();
    await began;
    const closed = runner.close();
    waits.pass();
    await closed;
    expect(await world.job('a')).toMatchObject({ state: 'running' });
    go();
    await vi.waitUntil(async () => (await world.job('a')).state === 'done');
  });
});

describe('a job that waits for another system', () => {
  it('is postponed at growing intervals, with one line in the log and no stack trace', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const waiting = world.runner(() => Promise.reject(new JobWaits('The checkout is still processing')), { log });
    await world.addJob('one');
    const delays: number[] = [];
    for (let run = 0; run < 4; run += 1) {
      await waiting.runDue();
      const delayMs = (await world.job('one')).nextAt.getTime() - world.clock.now.getTime();
      delays.push(delayMs);
      world.pass(delayMs);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(lines).toMatchObject([{ level: 30, job: 'one', reason: 'The checkout is still processing' }]);
    expect(lines[0]).not.toHaveProperty('err');
  });
});
