import { beforeEach, expect, it } from 'vitest';
import type { EngineWorld } from '../../../test/support/engine-world.ts';
import { bookCommand, engineWorld, userId } from '../../../test/support/engine-world.ts';
import { quiet } from '../../../test/support/quiet.ts';
import { bookingStore } from '../store/collections.ts';
import type { ServerTurns } from './server-turns.ts';
import { createServerTurns } from './server-turns.ts';

/** Seats that each server sells before the shares are counted; by then all servers take turns. */
const SOLD_BEFORE = 200;
/** Seats per server that are then counted. */
const SOLD_THEN = 1_000;

let world: EngineWorld;

beforeEach(async (t) => {
  world = await engineWorld(t);
});

/** A server's turns on a manual clock: sleeps of more than 100 ms never end, shorter ones end at once. */
function turnsOf(clock: { ms: number }, onSleep: () => void = () => undefined): ServerTurns {
  const never = new Promise<void>(() => undefined);
  return createServerTurns({
    store: bookingStore({ client: world.database.client, database: world.database }),
    monotonic: () => clock.ms,
    random: () => 0.5,
    sleep: (ms) => {
      if (ms > 100) return never;
      onSleep();
      return new Promise((resolve) => setImmediate(resolve));
    },
    log: quiet,
  });
}

function takeAndEnd(turns: ServerTurns, eventId: string): Promise<boolean> {
  const client = world.database.client;
  return client.withSession((session) => session.withTransaction(() => turns.takeTurn(eventId, session)));
}

async function storedTurn(eventId: string) {
  return world.models.serverTurns.findById(eventId).lean();
}

it('a server that meets no other server takes no turns', async () => {
  const eventId = await world.createEvent({ totalSeats: 100 });
  for (let n = 0; n < 20; n += 1) await world.engine.submit(eventId, bookCommand(userId(), 1));
  expect(world.engine.metrics.replays).toBe(0);
  expect(await world.models.serverTurns.countDocuments()).toBe(0);
});

it('the second server in the queue waits until the first has had its turn', async () => {
  const eventId = userId();
  const clock = { ms: 0 };
  let looks = 0;
  const [first, second] = [turnsOf(clock), turnsOf(clock, () => (looks += 1))];
  for (const turns of [first, second]) await turns.meetOthers(eventId);
  let hasCome = false;
  await first.waitForTurn(eventId);
  const came = second.waitForTurn(eventId).then(() => (hasCome = true));
  // One sleep precedes the first look at the list of waiting servers; one sleep precedes each further look.
  await expect.poll(() => looks, { timeout: 15_000 }).toBeGreaterThan(5);
  expect(hasCome).toBe(false);
  expect(await takeAndEnd(first, eventId)).toBe(true);
  await came;
  expect(await takeAndEnd(second, eventId)).toBe(true);
  expect(await storedTurn(eventId)).toMatchObject({ line: [] });
});

it('[F7] a server that waits behind a dead one continues after a while, and removes the dead server from the queue', async () => {
  const eventId = userId();
  const clock = { ms: 0 };
  const [dead, alive] = [turnsOf(clock), turnsOf(clock)];
  for (const turns of [dead, alive]) await turns.meetOthers(eventId);
  let hasWaited = false;
  const waited = alive.waitForTurn(eventId).then(() => (hasWaited = true));
  expect((await storedTurn(eventId))?.line).toHaveLength(2);
  // Each step of the clock is short enough for the event to stay shared; the queue must stall for many steps.
  await expect.poll(() => ((clock.ms += 40), hasWaited), { timeout: 20_000 }).toBe(true);
  await waited;
  expect(await takeAndEnd(alive, eventId)).toBe(true);
  expect(await storedTurn(eventId)).toMatchObject({ line: [] });
});

it('servers stop taking turns a while after they last met', async () => {
  const eventId = userId();
  const clock = { ms: 0 };
  const turns = turnsOf(clock);
  expect(turns.isShared(eventId)).toBe(false);
  await turns.meetOthers(eventId);
  for (; clock.ms <= 2_500; clock.ms += 500) expect(await takeAndEnd(turns, eventId)).toBe(true);
  clock.ms += 500;
  expect(turns.isShared(eventId)).toBe(false);
  expect(await takeAndEnd(turns, eventId)).toBe(false);
});

it('servers that keep meeting continue to take turns', async () => {
  const eventId = userId();
  const clock = { ms: 0 };
  const [one, other] = [turnsOf(clock), turnsOf(clock)];
  for (const turns of [one, other]) await turns.meetOthers(eventId);
  for (; clock.ms < 10_000; clock.ms += 500) {
    for (const turns of [one, other]) expect(await takeAndEnd(turns, eventId)).toBe(true);
  }
});

// Until the servers take turns, one of them may always be first: only later sales must be even.
it.for([2, 4])('[I1] [F8] %i busy servers share an event evenly', async (count) => {
  const others = await Promise.all(Array.from({ length: count - 1 }, () => world.again()));
  const eventId = await world.createEvent({ totalSeats: 100_000 });
  const sold = new Array<number>(count).fill(0);
  let start: readonly number[] | undefined;
  function ended(): boolean {
    if (!start && Math.min(...sold) >= SOLD_BEFORE) start = [...sold];
    return start !== undefined && sum(sold) - sum(start) >= count * SOLD_THEN;
  }
  await Promise.all([world, ...others].map(({ engine }, i) => sellWhile(() => !ended(), engine, eventId, sold, i)));
  const shares = sold.map((all, i) => all - (start?.[i] ?? 0));
  expect(Math.min(...shares), shares.join(' ')).toBeGreaterThan(sum(shares) / count / 4);
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** Twenty buyers book at one server, one seat each time; `sold` counts the seats by server. */
async function sellWhile(
  isOn: () => boolean,
  { submit }: EngineWorld['engine'],
  eventId: string,
  sold: number[],
  server: number,
): Promise<void> {
  const buyers = Array.from({ length: 20 }, async () => {
    while (isOn()) {
      expect((await submit(eventId, bookCommand(userId(), 1))).outcome.ok).toBe(true);
      sold[server] = (sold[server] ?? 0) + 1;
    }
  });
  await Promise.all(buyers);
}
