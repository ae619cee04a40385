// The next step after this file is MongoDB itself: live/change-feed.ts reads what is committed here.
import type { ClientSession, Collection, Db } from 'mongodb';
import mongoose, { Types } from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { JobDoc } from '#server/models/job.ts';
import { newJobDoc } from '#server/models/job.ts';
import { searchTextOf } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { UserSeatsDoc } from '#server/models/user-seats.ts';
import { insertAll } from '#server/mongo/insert-all.ts';
import { GuardMissed } from '#server/mongo/transaction.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import type { Decision } from '../rules/command.ts';
import type { BookingCollections, LoadedBatch } from './load.ts';
import { writeAttempts } from './write-attempts.ts';
import { toBookingDoc, toLedgerAvailability, toLedgerEntryDoc, toLedgerEvent, toWaitlistEntryDoc } from './records.ts';

const { ObjectId } = Types;
const { MinKey, MaxKey } = mongoose.mongo;

export interface CommitCollections extends BookingCollections {
  database: Db;
  jobs: Collection<JobDoc>;
}

export function jobCollection(database: Db): Collection<JobDoc> {
  return database.collection<JobDoc>('jobs');
}

/**
 * Writes a decision in the transaction of `session`: the event with its guards in the filter, the bookings, one ledger
 * document. Throws `GuardMissed` where a filter does not match, so that nothing of the batch is kept.
 */
export async function writeDecision(
  collections: CommitCollections,
  loaded: LoadedBatch,
  decision: Decision,
  session: ClientSession,
  at: Date,
): Promise<void> {
  const moved = decision.event.version !== loaded.doc.version || decision.recounted;
  await insertJobs(collections.jobs, decision, session, at);
  await writeAttempts(collections.payments, loaded.doc._id, decision, { session, at });
  if (!moved && !decision.edited) return;
  await (decision.edited || decision.recounted
    ? replaceEvent(collections.events, loaded.doc, decision, session, at)
    : changeCounters(collections.events, loaded.doc, decision, session));
  if (moved) await writeSeats(collections, loaded, decision, session, at);
  // After the bookings, so that what the batch has sold before the limit came is counted too.
  if (limitsUsersNow(loaded.doc, decision)) await recountUserSeats(collections, loaded.doc._id, session);
  else await countUserSeats(collections, loaded.doc._id, decision, session);
}

async function writeSeats(
  collections: CommitCollections,
  loaded: LoadedBatch,
  decision: Decision,
  session: ClientSession,
  at: Date,
): Promise<void> {
  const docs = new Map<string, BookingDoc>();
  for (const booking of decision.newBookings) docs.set(booking.id, toBookingDoc(booking));
  const created = [...docs.values()];
  for (const { booking } of decision.changedBookings) docs.set(booking.id, toBookingDoc(booking));
  if (created.length > 0) await insertAll(collections.database, 'bookings', created, session);
  await changeBookings(collections.bookings, decision, docs, session);
  await writeWaitlistEntries(collections.waitlist, decision, session);
  await collections.ledger.insertOne(toLedger(loaded.doc._id, decision, docs, at), { session });
}

/** The guarded `$inc`: the database refuses to oversell even if our code is wrong. */
async function changeCounters(
  events: Collection<EventDoc>,
  before: EventDoc,
  { event }: Decision,
  session: ClientSession,
) {
  const available = event.counters.availableSeats - before.availableSeats;
  const held = event.counters.heldSeats - before.heldSeats;
  const { matchedCount } = await events.updateOne(
    {
      _id: before._id,
      // Everything that was decided upon: it may have been read a while ago, or changed by hand without a new version.
      ...{ version: before.version, revision: before.revision, status: before.status, totalSeats: before.totalSeats },
      availableSeats: { $eq: before.availableSeats, $gte: -available },
      heldSeats: { $eq: before.heldSeats, $gte: -held },
    },
    {
      $inc: {
        version: 1,
        availableSeats: available,
        heldSeats: held,
        soldSeats: event.counters.soldSeats - before.soldSeats,
        waitingCount: event.waitingCount - before.waitingCount,
      },
      $set: { holdsUntil: event.holdsUntil },
    },
    { session },
  );
  if (matchedCount !== 1) throw new GuardMissed(`Event ${event.id} is not at version ${before.version} any more`);
}

/** What was ordered before, under the same key, stays as it is. */
async function insertJobs(jobs: Collection<JobDoc>, decision: Decision, session: ClientSession, at: Date) {
  const operations = decision.jobs.map((order) => ({
    updateOne: { filter: { key: order.key }, update: { $setOnInsert: newJobDoc(order, at) }, upsert: true },
  }));
  if (operations.length > 0) await jobs.bulkWrite(operations, { session });
}

/** Edits replace the whole document: the change feed then carries all that `eventChanged` shows. */
async function replaceEvent(
  events: Collection<EventDoc>,
  before: EventDoc,
  { event }: Decision,
  session: ClientSession,
  at: Date,
) {
  const { settings, counters, version, revision, holdsUntil, movedAt, cancelReason, waitingCount } = event;
  const searchText = searchTextOf(settings.title, settings.venue);
  const after = {
    ...before,
    ...settings,
    ...counters,
    version,
    revision,
    waitingCount,
    holdsUntil,
    movedAt,
    cancelReason,
    searchText,
    updatedAt: at,
  };
  const guard = { _id: before._id, version: before.version, revision: before.revision };
  const { matchedCount } = await events.replaceOne(guard, after, { session });
  if (matchedCount !== 1) throw new GuardMissed(`Event ${event.id} is not at revision ${before.revision} any more`);
}

async function changeBookings(
  bookings: Collection<BookingDoc>,
  { changedBookings }: Decision,
  docs: ReadonlyMap<string, BookingDoc>,
  session: ClientSession,
) {
  if (changedBookings.length === 0) return;
  const operations = changedBookings.map(({ booking, fromVersion: from }) => {
    const doc = docs.get(booking.id) as BookingDoc;
    const { version, seats, status, holdExpiresAt, settling, payment, ended, checkedInSeats, updatedAt } = doc;
    const set = { version, seats, status, holdExpiresAt, settling, payment, ended, checkedInSeats, updatedAt };
    const filter = { _id: ObjectId.createFromHexString(booking.id), version: from };
    return { updateOne: { filter, update: { $set: set } } };
  });
  const { matchedCount } = await bookings.bulkWrite(operations, { session });
  if (matchedCount !== changedBookings.length) throw new GuardMissed('A booking is not at the version that was read');
}

/** Entries are inserted or replaced whole: that is what the change feed shows. */
async function writeWaitlistEntries(
  waitlist: Collection<WaitlistEntryDoc>,
  { newWaitlistEntries, changedWaitlistEntries: moved }: Decision,
  session: ClientSession,
) {
  await changeWaitlistEntries(waitlist, moved, session);
  // Last: whoever left and joined again in one batch has one active entry at any time.
  if (newWaitlistEntries.length > 0) await waitlist.insertMany(newWaitlistEntries.map(toWaitlistEntryDoc), { session });
}

async function changeWaitlistEntries(
  waitlist: Collection<WaitlistEntryDoc>,
  moved: Decision['changedWaitlistEntries'],
  session: ClientSession,
) {
  if (moved.length === 0) return;
  const operations = moved.map(({ entry, fromVersion: from }) => {
    const { _id, ...replacement } = toWaitlistEntryDoc(entry);
    return { replaceOne: { filter: { _id, version: from }, replacement } };
  });
  const { matchedCount } = await waitlist.bulkWrite(operations, { session });
  if (matchedCount !== moved.length) throw new GuardMissed('A waiting party is not at the version that was read');
}

async function countUserSeats(
  { userSeats }: CommitCollections,
  eventId: Types.ObjectId,
  decision: Decision,
  session: ClientSession,
) {
  const operations = [...decision.seatsByUser].map(([userId, seats]) => ({
    updateOne: {
      filter: { _id: { eventId, userId: ObjectId.createFromHexString(userId) } },
      update: { $inc: { seats } },
      upsert: true,
    },
  }));
  if (operations.length > 0) await userSeats.bulkWrite(operations, { session });
}

function limitsUsersNow(before: EventDoc, { event, recounted }: Decision): boolean {
  return event.settings.maxSeatsPerUser !== null && (before.maxSeatsPerUser === null || recounted);
}

/** A limit per user was just set, or is in doubt: what each of them has is counted once, from then on it is kept. */
async function recountUserSeats(
  { userSeats, bookings }: CommitCollections,
  eventId: Types.ObjectId,
  session: ClientSession,
) {
  const everyone = { $gte: { eventId, userId: new MinKey() }, $lte: { eventId, userId: new MaxKey() } };
  await userSeats.deleteMany({ _id: everyone as never }, { session });
  const sums = await bookings
    .aggregate<UserSeatsDoc>(
      [
        { $match: { eventId, status: { $in: ['held', 'confirmed'] } } },
        { $group: { _id: { eventId: '$eventId', userId: '$userId' }, seats: { $sum: '$seats' } } },
      ],
      { session },
    )
    .toArray();
  if (sums.length > 0) await userSeats.insertMany(sums, { session });
}

function toLedger(
  eventId: Types.ObjectId,
  { event, ledgerEntries: entries }: Decision,
  docs: ReadonlyMap<string, BookingDoc>,
  at: Date,
): LedgerDoc {
  return {
    _id: new ObjectId(),
    eventId,
    seq: event.version,
    at,
    availability: toLedgerAvailability(event),
    event: toLedgerEvent(event),
    entries: entries.map((entry) => toLedgerEntryDoc(entry, entry.booking && entryDoc(entry.booking, docs))),
  };
}

/** The booking as it was after this entry: a later entry of the same batch may have changed it again. */
function entryDoc(booking: BookingState, docs: ReadonlyMap<string, BookingDoc>): BookingDoc {
  const last = docs.get(booking.id);
  return last?.version === booking.version ? last : toBookingDoc(booking);
}
