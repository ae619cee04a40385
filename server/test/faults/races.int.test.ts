import type { Scheduler } from 'fast-check';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCancelEventJob } from '#server/events/cancel.ts';
import { createEngine } from '#server/booking/engine/engine.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { Command, CommandResult } from '#server/booking/rules/command.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { bookCommand, engineWorld, joinCommand, userId } from '../support/engine-world.ts';
import { checkoutCommand } from '../support/payments/checkout-command.ts';
import { quiet } from '../support/quiet.ts';
import { gated } from './histories/gates.ts';
import type { History } from './histories/history.ts';
import { newHistory } from './histories/history.ts';
import { explain, readStored } from './histories/verify.ts';

const RUNS = 50;
const SEED = 17;
const MINUTE_MS = 60_000;
const REASON = 'Storm';

/** An engine that adds each command, its answer, and the logical times of both to the history. */
function recorded(engine: Engine, world: EngineWorld, history: History): Engine {
  const submit = async (eventId: string, command: Command): Promise<CommandResult> => {
    const now = world.clock.now().getTime();
    const operation: History['operations'][number] = {
      input: { command, now },
      output: null,
      calledAt: nextMoment(),
      answeredAt: Infinity,
    };
    history.operations.push(operation);
    const settled = await engine.submit(eventId, command);
    operation.output = settled.outcome;
    operation.answeredAt = nextMoment();
    return settled;
  };
  return { ...engine, submit };
}

let moments = 0;
const nextMoment = () => (moments += 1);

/**
 * An event of six seats: two sold; two in a hold that has expired with its checkout still open; one offered, with time
 * left; one held. Three more waitlist entries want two, three and one seats.
 */
async function setScene(world: EngineWorld, seed: string) {
  const base = new Date('2026-11-23T12:00:00.000Z');
  world.clock.moveTo(base);
  const price = { amount: 2_000, currency: 'EUR' };
  const eventId = await world.createEvent({
    totalSeats: 6,
    price,
    holdMinutes: 10,
    offerMinutes: 30,
    cancelBeforeHours: 1,
  });
  const history = newHistory(seed, await readStored(world.database, eventId));
  const { submit } = recorded(world.engine, world, history);
  const book = async (seats: number) => {
    const command = bookCommand(userId(), seats);
    await submit(eventId, command);
    return { bookingId: command.bookingId, actor: command.userId };
  };
  const [sold, held, gone] = [await book(2), await book(2), await book(1)];
  await submit(eventId, checkout(sold));
  await submit(eventId, checkout(held));
  await submit(eventId, pay(sold, 2));
  world.clock.moveTo(new Date(base.getTime() + 5 * MINUTE_MS));
  const kept = await book(1);
  await submit(eventId, checkout(kept));
  const waiting = [1, 2, 3, 1].map((seats) => joinCommand(userId(), seats));
  for (const join of waiting) await submit(eventId, join);
  await submit(eventId, { type: 'cancel', ...gone, by: 'buyer', requestId: null, seats: null, reason: null });
  world.clock.moveTo(new Date(base.getTime() + 11 * MINUTE_MS));
  return { eventId, history, sold, held, kept, offered: waiting[0]?.userId ?? '' };
}

/** Opens the only checkout of a booking; its payment id is the booking's id. */
function checkout({ bookingId, actor }: { bookingId: string; actor: string }): Command {
  return checkoutCommand({ bookingId, actor, paymentId: bookingId });
}

function pay({ bookingId }: { bookingId: string }, seats: number): Command {
  const amount = { amount: seats * 2_000, currency: 'EUR' };
  return { type: 'settle', bookingId, paymentId: bookingId, charge: bookingId, amount };
}

type Scene = Awaited<ReturnType<typeof setScene>>;
type Actor = (scene: Scene, engine: Engine, world: EngineWorld) => Promise<unknown>;

const back = { by: 'buyer', requestId: null, seats: null, reason: null } as const;

/** Actors by name: every kind of command that takes or frees seats. */
const ACTORS: Record<string, Actor> = {
  cancels: ({ eventId, sold }, { submit }) => submit(eventId, { type: 'cancel', ...sold, ...back }),
  'cancels in part': ({ eventId, sold }, { submit }) => submit(eventId, { type: 'cancel', ...sold, ...back, seats: 1 }),
  'lets a hold expire': ({ eventId, held }, { submit }) =>
    submit(eventId, { type: 'expire', bookingId: held.bookingId }),
  'pays late': ({ eventId, held }, { submit }) => submit(eventId, pay(held, 2)),
  'did not pay': ({ eventId, held: { bookingId } }, { submit }) =>
    submit(eventId, { type: 'endCheckout', bookingId, paymentId: bookingId }),
  pays: ({ eventId, kept }, { submit }) => submit(eventId, pay(kept, 1)),
  'declines an offer': ({ eventId, offered }, { submit }) => submit(eventId, { type: 'leave', userId: offered }),
  books: ({ eventId }, { submit }) => submit(eventId, bookCommand(userId(), 1)),
  waits: ({ eventId }, { submit }) => submit(eventId, joinCommand(userId(), 1)),
  'cuts the capacity': ({ eventId }, { submit }) =>
    submit(eventId, { type: 'edit', actor: userId(), revision: 1, changes: { totalSeats: 4 } }),
  'adds seats': ({ eventId }, { submit }) =>
    submit(eventId, { type: 'edit', actor: userId(), revision: 1, changes: { totalSeats: 9 } }),
  'calls the event off': cancelEvent,
};

/** Cancels the event by the organiser's command and then by the job that follows it. */
async function cancelEvent({ eventId }: Scene, engine: Engine, { models }: EngineWorld): Promise<void> {
  const actor = userId();
  await engine.submit(eventId, { type: 'cancelEvent', actor, reason: REASON });
  const job = await models.jobs.findOne({ kind: 'cancel-event', 'payload.eventId': eventId }).orFail().lean();
  const run = { signal: new AbortController().signal, progress: async () => undefined };
  await createCancelEventJob({ models, engine })(
    job.payload,
    run as Parameters<ReturnType<typeof createCancelEventJob>>[1],
  );
}

/** Runs the actors on two servers, whose database statements take turns in the scheduler's order. */
async function race(world: EngineWorld, scheduler: Scheduler, names: string[], seed: string): Promise<void> {
  const scene = await setScene(world, seed);
  const { database } = world;
  const base = { now: world.clock.now, monotonic: () => performance.now(), random: Math.random, log: quiet };
  const servers = ['one', 'other'].map((who) =>
    recorded(createEngine({ ...base, ...gated(database.client, database, who, scheduler) }), world, scene.history),
  );
  const actors = names.map(async (name, i) => {
    await scheduler.schedule(Promise.resolve(), name);
    await ACTORS[name]?.(scene, servers[i % 2] as Engine, world);
  });
  await scheduler.waitFor(Promise.all(actors));
  const complaint = await explain(database, scene.history);
  if (complaint) throw new Error(complaint);
  if (!names.includes('calls the event off')) return;
  const { event, bookings, entries } = await readStored(database, scene.eventId);
  expect(event).toMatchObject({ waitingCount: 0, counters: { heldSeats: 0, soldSeats: 0 }, cancelReason: REASON });
  expect(bookings.filter(({ status }) => status === 'held' || status === 'confirmed')).toEqual([]);
  expect(entries.filter(({ status }) => status === 'waiting' || status === 'offered')).toEqual([]);
}

describe('[F17] cancel, expiry, offer, payment, capacity and the end of the event at the same time on two servers', () => {
  it('[I1] [I2] [I7] give the result of some serial order, whatever the order of their statements', async (t) => {
    const world = await engineWorld(t);
    const actors = fc.shuffledSubarray(Object.keys(ACTORS), { minLength: 3, maxLength: 7 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), actors, (scheduler, names) =>
        race(world, scheduler, names, `${SEED}/${(run += 1)}`),
      ),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
  }, 120_000);
});
