import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import type { z } from 'zod';
import type { App } from '#server/app/app.ts';
import { eventInput } from '#shared/event.ts';
import type { Undoing } from './database/test-database.ts';
import { databaseOf } from './database/test-database.ts';
import { handClock, NOON } from './hand-clock.ts';
import { bookingOf } from './outcomes.ts';
import { receiptSweepOf } from './receipt-sweep.ts';
import type { TestAppOptions } from './test-app.ts';
import { testApp } from './test-app.ts';

/**
 * A server that is not started, for tests of its engine: it executes only what the test submits, and its clock stands.
 * `again()` returns a second server on the same database and clock, which plays another process.
 */
export async function engineWorld(t: Undoing, options: Omit<TestAppOptions, 'isIdle'> = {}) {
  const { clock = handClock({ standsAt: NOON }) } = options;
  const { app, mongoUri, close } = await testApp(t, { ...options, clock, isIdle: true });
  const { models, engine, eventEditing } = app;
  const receiptSweep = receiptSweepOf(app);
  return {
    mongoUri,
    database: databaseOf(models.events.db),
    models,
    engine,
    eventEditing,
    issueReceipts: () => receiptSweep.sweep(new AbortController().signal),
    clock,
    admin: new Types.ObjectId().toHexString(),
    createEvent: (input: Partial<z.input<typeof eventInput>> = {}) => createEvent(app, clock.now(), input),
    storedEvent: (eventId: string) => models.events.findById(eventId).orFail().lean(),
    again: () => engineWorld(t, { ...options, mongoUri, clock }),
    close,
  };
}

export type EngineWorld = Awaited<ReturnType<typeof engineWorld>>;

const WEEK_MS = 604_800_000;

/** Creates a published event of ten seats, a week after `now`. Returns its id. */
export async function createEvent(
  { eventEditing }: Pick<App, 'eventEditing'>,
  now: Date,
  input: Partial<z.input<typeof eventInput>> = {},
): Promise<string> {
  const startsAt = new Date(now.getTime() + WEEK_MS).toISOString();
  const usual = { title: 'Jazz', description: '', venue: 'Club', startsAt, totalSeats: 10 };
  const created = await eventEditing.create(
    { requestId: randomUUID(), ...eventInput.parse({ ...usual, ...input }) },
    userId(),
  );
  if (!created.ok) throw new Error(created.error.message);
  return created.data.id;
}

/** A booking command like one from a buyer's client. */
export function bookCommand(userId: string, seats: number, requestId: string = randomUUID()) {
  const bookingId = new Types.ObjectId().toHexString();
  return { type: 'book', userId, requestId, seats, price: null, bookingId, code: randomUUID() } as const;
}

/** Bookings that are made at the same time; of more the full queue would refuse some. */
const TOGETHER = 500;

/** Books single seats of an event through the engine, each for a user of its own. Returns the bookings' ids. */
export async function fillEvent({ engine }: Pick<App, 'engine'>, eventId: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const length = Math.min(TOGETHER, count - ids.length);
    const commands = Array.from({ length }, () => bookCommand(userId(), 1));
    const settled = await Promise.all(commands.map((command) => engine.submit(eventId, command)));
    ids.push(...settled.map((one) => bookingOf(one).id));
  }
  return ids;
}

/** A command to join the waiting list. */
export function joinCommand(userId: string, seats: number, requestId: string = randomUUID()) {
  return { type: 'join', userId, requestId, seats, entryId: new Types.ObjectId().toHexString() } as const;
}

export function userId(): string {
  return new Types.ObjectId().toHexString();
}
