import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Types } from 'mongoose';
import type { Connection } from 'mongoose';
import { createEngine } from '#server/booking/engine/engine.ts';
import { bookingStore } from '#server/booking/store/collections.ts';
import { createEventEditing } from '#server/events/edit.ts';
import { createModels, prepareDatabase } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import type { EventInput } from '#shared/event.ts';
import { eventInput } from '#shared/event.ts';
import { expectAgreement } from './database/agreement.ts';
import { quiet } from './quiet.ts';
import { testDatabaseUri } from './database/test-database.ts';

/** An engine on a database of its own; `again()` gives a second one on the same database, as another process would be. */
export async function engineWorld(uri = testDatabaseUri(), options: Partial<Parameters<typeof createEngine>[0]> = {}) {
  const connection = await connectMongo(uri);
  const models = createModels(connection);
  await prepareDatabase(connection, models);
  const client = connection.getClient();
  const database = databaseOf(connection);
  const clock = { now: new Date('2026-11-23T12:00:00.000Z') };
  const now = () => clock.now;
  const monotonic = () => performance.now();
  const store = bookingStore({ client, database });
  const engine = createEngine({ store, now, monotonic, random: Math.random, sleep, log: quiet, ...options });
  const eventEditing = createEventEditing({
    client,
    database,
    models,
    engine,
    now,
    monotonic,
    sleepBeforeReplay: () => sleep(1),
  });
  const admin = new Types.ObjectId().toHexString();

  async function createEvent(input: Partial<EventInput> = {}): Promise<string> {
    const startsAt = '2026-12-01T19:00:00.000Z';
    const full = eventInput.parse({
      title: 'Jazz',
      description: '',
      venue: 'Club',
      startsAt,
      totalSeats: 10,
      ...input,
    });
    const created = await eventEditing.create({ requestId: randomUUID(), ...full }, admin);
    if (!created.ok) throw new Error(created.error.message);
    return created.data.id;
  }

  return {
    uri,
    connection,
    models,
    engine,
    eventEditing,
    clock,
    admin,
    createEvent,
    again: () => engineWorld(uri, options),
    async close(): Promise<void> {
      await engine.drained();
      await expectAgreement(database);
      await connection.close();
    },
  };
}

export type EngineWorld = Awaited<ReturnType<typeof engineWorld>>;

export function databaseOf(connection: Connection) {
  const { db } = connection;
  if (!db) throw new Error('The connection is not open');
  return db;
}

/** A booking command as a buyer's client would cause it. */
export function bookCommand(userId: string, seats: number, requestId: string = randomUUID()) {
  const bookingId = new Types.ObjectId().toHexString();
  return { type: 'book', userId, requestId, seats, price: null, bookingId, code: randomUUID() } as const;
}

/** A command to join the waiting list. */
export function joinCommand(userId: string, seats: number, requestId: string = randomUUID()) {
  return { type: 'join', userId, requestId, seats, entryId: new Types.ObjectId().toHexString() } as const;
}

export function userId(): string {
  return new Types.ObjectId().toHexString();
}
