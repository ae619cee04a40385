import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { MongoClient, ObjectId } from 'mongodb';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';
import { disagreements } from '../../server/test/support/database/disagreements.ts';
import { scratchFolder } from '../../server/test/support/scratch-folder.ts';
import { findMongod } from '../../scripts/setup/mongod.js';

/** The database server of a test worker; each site gets a database of its own on it. */
export interface Databases {
  newUri(): string;
  stop(): Promise<void>;
}

/** Starts a real mongod on a temporary folder. */
export async function startDatabases(): Promise<Databases> {
  const dataDir = await scratchFolder('e2e');
  const binary = await findMongod();
  const embedded = await startEmbedded({ dataDir, binary, log: { info: () => undefined, error: console.error } });
  return {
    newUri() {
      const uri = new URL(embedded.uri);
      uri.pathname = `/e2e-${randomUUID()}`;
      return uri.href;
    },
    async stop() {
      await embedded.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Moves the end of an event's only hold to `agoMs` ago (negative: from now), as if the time had passed. */
export async function endHold(mongoUri: string, eventId: string, agoMs = 0): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const held = { eventId: new ObjectId(eventId), status: 'held' };
  const bookings = client.db().collection('bookings');
  const { modifiedCount } = await bookings.updateOne(held, { $set: { holdExpiresAt: new Date(Date.now() - agoMs) } });
  await client.close();
  if (modifiedCount !== 1) throw new Error(`Event ${eventId} has no hold to end`);
}

/** Makes the sessions of this account, and the codes that have opened them, eleven minutes old. */
export async function ageSessions(mongoUri: string, email: string): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const user = await client.db().collection('users').findOne({ email });
  const createdAt = new Date(Date.now() - 11 * 60_000);
  const byCode = { userId: user?._id, codeAt: { $exists: true } };
  const sessions = client.db().collection('sessions');
  await sessions.updateMany(byCode, { $set: { codeAt: createdAt } });
  const { modifiedCount } = await sessions.updateMany({ userId: user?._id }, { $set: { createdAt } });
  await client.close();
  if (modifiedCount === 0) throw new Error(`There is no session of ${email}`);
}

/** Makes an event a sample, as those which the server creates at its first start. */
export async function makeSample(mongoUri: string, eventId: string): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const event = { _id: new ObjectId(eventId) };
  const { matchedCount } = await client
    .db()
    .collection('events')
    .updateOne(event, { $set: { sample: true } });
  await client.close();
  if (matchedCount !== 1) throw new Error(`There is no event ${eventId}`);
}

/** Verifies the address of an account, as its owner does by the mailed link. */
export async function verifyAddress(mongoUri: string, email: string): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const { matchedCount } = await client
    .db()
    .collection('users')
    .updateOne({ email }, { $set: { verified: true } });
  await client.close();
  if (matchedCount !== 1) throw new Error(`There is no account ${email}`);
}

/** Moves an event's start and end, as if days had passed: no command lets a published event begin in the past. */
export async function shiftEvent(
  mongoUri: string,
  eventId: string,
  times: { startsAt: string; endsAt: string },
): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const moved = { startsAt: new Date(times.startsAt), endsAt: new Date(times.endsAt) };
  const { matchedCount } = await client
    .db()
    .collection('events')
    .updateOne({ _id: new ObjectId(eventId) }, { $set: moved });
  await client.close();
  if (matchedCount !== 1) throw new Error(`There is no event ${eventId}`);
}

/** Ends the minute in which a provider may still report the outcome of a cancelled checkout; false before it begins. */
export async function passMinuteOfSilence(mongoUri: string, eventId: string): Promise<boolean> {
  const client = await MongoClient.connect(mongoUri);
  const asked = { eventId: new ObjectId(eventId), status: 'cancelling' };
  const cancellingSince = new Date(Date.now() - 61_000);
  const { modifiedCount } = await client.db().collection('payments').updateOne(asked, { $set: { cancellingSince } });
  await client.close();
  return modifiedCount === 1;
}

/** Makes the money arrive that the demo provider still waits for, for a booking of this event. */
export async function letLateMoneyCome(mongoUri: string, eventId: string): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const bookings = await client
    .db()
    .collection('bookings')
    .find({ eventId: new ObjectId(eventId) })
    .toArray();
  const awaited = { bookingId: { $in: bookings.map(({ _id }) => _id.toHexString()) }, status: 'processing' };
  const checkouts = client.db().collection('demoCheckouts');
  const { modifiedCount } = await checkouts.updateOne(awaited, { $set: { paysAt: new Date() } });
  await client.close();
  if (modifiedCount !== 1) throw new Error(`No money is under way for event ${eventId}`);
}

/** Makes the payment page of the event's only booking charge another amount than was asked for. */
export async function chargeOtherwise(mongoUri: string, eventId: string, amount: number): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const booking = await client
    .db()
    .collection('bookings')
    .findOne({ eventId: new ObjectId(eventId) });
  const asked = { bookingId: booking?._id.toHexString(), status: 'open' };
  const { modifiedCount } = await client.db().collection('demoCheckouts').updateOne(asked, { $set: { amount } });
  await client.close();
  if (modifiedCount !== 1) throw new Error(`Nobody is paying for event ${eventId}`);
}

/** Lists the places where counters, bookings and ledger of this database disagree. */
export async function disagreementsOf(mongoUri: string): Promise<unknown[]> {
  const client = await MongoClient.connect(mongoUri);
  try {
    return await disagreements(client.db());
  } finally {
    await client.close();
  }
}
