import { expect, it } from 'vitest';
import { createEngine } from '#server/booking/engine/engine.ts';
import { bookingStore } from '#server/booking/store/collections.ts';
import { addVouchers } from '../support/database/add-vouchers.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { engineWorld } from '../support/engine-world.ts';
import { quiet } from '../support/quiet.ts';
import type { Death } from './histories/crash-point.ts';
import { mortal } from './histories/crash-point.ts';
import type { History, Port } from './histories/history.ts';
import { ask, newHistory } from './histories/history.ts';
import { ONE_PRICE_SALE } from './histories/one-price-sale.ts';
import type { Sale } from './histories/sale.ts';
import { TYPES_SALE } from './histories/types-sale.ts';
import { explain, readStored } from './histories/verify.ts';

/**
 * Two servers: the first dies at the given crash point, the second takes over. Returns the history and the number of
 * the first server's writes and commits.
 */
async function playWithDeath(
  world: EngineWorld,
  { input, vouchers, play }: Sale,
  death: Death,
): Promise<{ history: History; steps: number }> {
  const { database } = world;
  const eventId = await world.createEvent(input);
  await addVouchers(database, eventId, vouchers);
  const seed = `death at ${death.at}${death.sent ? ', sent' : ''}`;
  const history = newHistory(seed, await readStored(database, eventId));
  const { died, steps, ...connected } = mortal(database.client, database, death);
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  let nowMs = world.clock.now().getTime();
  const now = () => new Date(nowMs);
  const base = { now, monotonic: () => performance.now(), random: Math.random, log: quiet, sleep };
  const first = createEngine({ ...base, store: bookingStore(connected) });
  const second = createEngine({ ...base, store: bookingStore({ client: database.client, database }) });
  let dead = false;
  void died.then(() => (dead = true));
  const port: Port = (event, command) =>
    dead ? second.submit(event, command) : Promise.race([first.submit(event, command), died]);
  await play({
    say: (command) => ask(history, command, nowMs, port),
    passMinutes: (count) => (nowMs += count * 60_000),
  });
  return { history, steps: steps() };
}

it.for([ONE_PRICE_SALE, TYPES_SALE])(
  '[I1] [I2] [I3] [I4] [I7] [F7] $title: a second server takes over from a server that dies at any write or commit, before or after it is sent',
  { timeout: 240_000 },
  async (sale, t) => {
    const world = await engineWorld(t);
    const { steps } = await playWithDeath(world, sale, { at: Infinity, sent: false });
    expect(steps).toBeGreaterThan(40);
    const deaths = Array.from({ length: 2 * steps }, (_, i) => ({ at: 1 + Math.floor(i / 2), sent: i % 2 === 1 }));
    const played = await Promise.all(deaths.map((death) => playWithDeath(world, sale, death)));
    for (const { history } of played) {
      const complaint = await explain(world.database, history);
      expect(complaint, complaint ?? '').toBeNull();
      expect(
        history.operations.some(({ output }) => output === null),
        history.seed,
      ).toBe(true);
    }
  },
);
