import fc from 'fast-check';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { addVouchers } from '../support/database/add-vouchers.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { engineWorld } from '../support/engine-world.ts';
import type { History } from './histories/history.ts';
import { ask, newHistory, playRound } from './histories/history.ts';
import type { Script } from './histories/script.ts';
import { scripts } from './histories/script.ts';
import { twoServers } from './histories/servers.ts';
import { explain, readStored } from './histories/verify.ts';

const ROUND_MINUTES = 12;
const ROUNDS = 2;
/** A thousand histories in all, in parts that run at the same time: a part waits only for its own dead servers. */
const PARTS = 2;
const GROUPS = 3;
const GROUP = 168;

type Servers = Awaited<ReturnType<typeof twoServers>>;

/** Two servers on one database; at the test's end counters, bookings and ledger must agree. */
async function market(t: Pick<TestContext, 'onTestFinished'>) {
  const world = await engineWorld(t);
  const servers = await twoServers(world.mongoUri);
  t.onTestFinished(() => servers.close());
  return { world, servers };
}

async function begin(world: EngineWorld, { input, vouchers }: Script, seed: string): Promise<History> {
  const eventId = await world.createEvent(input);
  await addVouchers(world.database, eventId, vouchers);
  return newHistory(seed, await readStored(world.database, eventId));
}

interface Kill {
  which: number;
  packets: number;
  sent: boolean;
}

const kill: fc.Arbitrary<Kill> = fc.record({
  which: fc.nat(1),
  packets: fc.integer({ min: 10, max: 600 }),
  sent: fc.boolean(),
});

/** Plays all events of a seed at the same time, in rounds; in each round with a kill, one server dies at a packet. */
async function playAll(
  { world, servers }: { world: EngineWorld; servers: Servers },
  seed: number,
  count: number,
  kills: Kill[],
) {
  const base = world.clock.now();
  const all = scripts(seed, count, base, ROUNDS);
  const histories = await Promise.all(all.map((script, i) => begin(world, script, `${seed}/${i}`)));
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = base.getTime() + round * ROUND_MINUTES * 60_000;
    const killed = kills[round];
    if (killed) await servers.doom(killed.which, killed);
    await Promise.all(
      histories.map((history, i) => playRound(history, all[i]?.rounds[round] ?? [], now, servers.port)),
    );
    if (killed) await servers.replace(killed.which);
  }
  // Offer as the waiting list sweep does: a server that died may have left a waitlist entry without its offer.
  const end = base.getTime() + (ROUNDS - 1) * ROUND_MINUTES * 60_000;
  const offer = { type: 'offer', after: 0 } as const;
  await Promise.all(histories.map((history) => ask(history, offer, end, servers.port)));
  return histories;
}

async function expectExplained(world: EngineWorld, histories: readonly History[]): Promise<void> {
  const database = world.database;
  for (const history of histories) {
    const complaint = await explain(database, history);
    expect(complaint, complaint ?? '').toBeNull();
  }
}

describe('histories of events sold by two processes at the same time', () => {
  it('[I1] [I2] [I3] [I7] are linearizable: some order of the commands gives the same answers in the model', async (t) => {
    const scene = await market(t);
    const histories = await playAll(scene, 4, 80, []);
    await expectExplained(scene.world, histories);
    expect(scene.servers.defects()).toEqual([]);
  }, 120_000);

  it('[I1] [I2] [I3] [I4] [I7] [I8] [F7] are linearizable with a process killed in every round, a thousand of them', async (t) => {
    const parts = await Promise.all(Array.from({ length: PARTS }, (_, part) => playWithKills(t, part)));
    expect(parts.flat().length).toBeGreaterThanOrEqual(1_000);
    const unanswered = parts.flat().flatMap(({ operations }) => operations.filter(({ output }) => output === null));
    expect(unanswered.length, 'kills that hit something').toBeGreaterThan(PARTS * GROUPS);
  }, 180_000);
});

/** Plays one part of the histories on two servers of its own, group after group. */
async function playWithKills(t: Pick<TestContext, 'onTestFinished'>, part: number): Promise<History[]> {
  const scene = await market(t);
  const histories: History[] = [];
  for (let group = 0; group < GROUPS; group += 1) {
    const seed = 1_000 * (part + 1) + group;
    const played = await playAll(scene, seed, GROUP, fc.sample(kill, { seed, numRuns: ROUNDS }));
    await expectExplained(scene.world, played);
    histories.push(...played);
  }
  expect(scene.servers.defects()).toEqual([]);
  return histories;
}
