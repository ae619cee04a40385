import { expect, it } from 'vitest';
import { createEngine } from '#server/booking/engine/engine.ts';
import { bookingStore } from '#server/booking/store/collections.ts';
import type { Command } from '#server/booking/rules/command.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { bookCommand, engineWorld, joinCommand, userId } from '../support/engine-world.ts';
import { bookingOf } from '../support/outcomes.ts';
import { checkoutCommand } from '../support/payments/checkout-command.ts';
import { quiet } from '../support/quiet.ts';
import type { History, Port } from './histories/history.ts';
import { ask, newHistory } from './histories/history.ts';
import type { Death } from './histories/crash-point.ts';
import { mortal } from './histories/crash-point.ts';
import { explain, readStored } from './histories/verify.ts';
import { PRICE } from '../support/payments/demo-payments.ts';

const ONE_BACK = { by: 'buyer', requestId: 'part', seats: 1, reason: null } as const;

/** Sends one command of every kind that moves seats, in sequence; each is retried until it is answered. */
async function oneOfEverything(history: History, now: number, port: Port): Promise<void> {
  const say = (command: Command) => ask(history, command, now, port);
  const [alice, carol, dora] = [userId(), userId(), userId()];
  const sold = bookingOf(await say(bookCommand(alice, 3))).id;
  const held = bookingOf(await say(bookCommand(userId(), 3))).id;
  const open = await say(checkoutCommand({ bookingId: sold, actor: alice, paymentId: sold }));
  if (!open.ok || !('attempt' in open) || !open.attempt) throw new Error('No checkout');
  const paid = {
    paymentId: open.attempt.id,
    charge: sold,
    amount: { amount: 3 * PRICE.amount, currency: PRICE.currency },
  };
  expect(await say({ type: 'settle', bookingId: sold, ...paid })).toMatchObject({ booking: { status: 'confirmed' } });
  await say(joinCommand(carol, 1));
  await say(joinCommand(dora, 2));
  await say({ type: 'cancel', bookingId: sold, actor: alice, ...ONE_BACK });
  await say({ type: 'leave', userId: carol });
  await say({ type: 'changeHold', bookingId: held, actor: userId(), seats: 2 });
  const edit = { type: 'edit', actor: userId(), revision: 1, changes: { totalSeats: 8, maxSeatsPerUser: 5 } } as const;
  await say(edit);
  await say(joinCommand(userId(), 4));
  await say({ type: 'cancelEvent', actor: userId(), reason: 'Storm' });
  await say({ type: 'closeWaitlist' });
  for (const bookingId of [sold, held]) {
    await say({
      type: 'cancel',
      bookingId,
      actor: userId(),
      by: 'event',
      requestId: null,
      seats: null,
      reason: 'Storm',
    });
  }
  await say({ type: 'offer', after: 0 });
}

/**
 * Two servers: the first dies at the given crash point, the second takes over. Returns the history and the number of
 * the first server's writes and commits.
 */
async function playWithDeath(world: EngineWorld, death: Death): Promise<{ history: History; steps: number }> {
  const database = world.database;
  const eventId = await world.createEvent({ totalSeats: 6, price: PRICE, cancelBeforeHours: 1 });
  const seed = `death at ${death.at}${death.sent ? ', sent' : ''}`;
  const history = newHistory(seed, eventId, (await readStored(database, eventId)).event);
  const { died, steps, ...connected } = mortal(world.database.client, database, death);
  const base = { now: world.clock.now, monotonic: () => performance.now(), random: Math.random, log: quiet };
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const first = createEngine({ ...base, store: bookingStore(connected), sleep });
  let dead = false;
  void died.then(() => (dead = true));
  const port: Port = (event, command) =>
    dead ? world.engine.submit(event, command) : Promise.race([first.submit(event, command), died]);
  await oneOfEverything(history, world.clock.now().getTime(), port);
  return { history, steps: steps() };
}

it('[I1] [I2] [I3] [I4] [I7] [F7] a second server takes over from a server that dies at any write or commit, before or after it is sent', async (t) => {
  const world = await engineWorld(t);
  const { steps } = await playWithDeath(world, { at: Infinity, sent: false });
  expect(steps).toBeGreaterThan(40);
  const deaths = Array.from({ length: 2 * steps }, (_, i) => ({ at: 1 + Math.floor(i / 2), sent: i % 2 === 1 }));
  const played = await Promise.all(deaths.map((death) => playWithDeath(world, death)));
  for (const { history } of played) {
    const complaint = await explain(world.database, history);
    expect(complaint, complaint ?? '').toBeNull();
    expect(
      history.operations.some(({ output }) => output === null),
      history.seed,
    ).toBe(true);
  }
}, 240_000);
