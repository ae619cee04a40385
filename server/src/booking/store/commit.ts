// MongoDB is the seam behind this file: live/change-feed.ts reads what is written here, in this process and others.
import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import { searchFieldsOf } from '#server/models/event.ts';
import type { JobDoc } from '#server/models/job.ts';
import { newJobDoc } from '#server/models/job.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import { insertAll } from '#server/mongo/insert-all.ts';
import { allBesideEachOther, GuardMissed } from '#server/mongo/transaction.ts';
import type { BookingState } from '../rules/state/booking-state.ts';
import type { Decision } from '../rules/command.ts';
import { isAddedAfterCommit } from '../rules/notify.ts';
import type { EventState } from '../rules/state/event-state.ts';
import { writeAttempts } from './attempts.ts';
import type { BookingStore } from './collections.ts';
import type { LoadedBatch } from './load.ts';
import { newIdAt } from './new-id.ts';
import { writeVouchers } from './vouchers/vouchers.ts';
import { toBookingDoc, toLedgerAvailability, toLedgerEntryDoc, toLedgerEvent } from './records.ts';
import { writeWaitlistEntries } from './waitlist-entries.ts';

const { ObjectId } = Types;

/** A decision with the documents that it was made on, and its time. */
export interface DecidedBatch {
  loaded: LoadedBatch;
  decision: Decision;
  at: Date;
}

/**
 * Writes a decision in the transaction of `session`: the event with its guards in the filter, the bookings, one ledger
 * document. Throws `GuardMissed` if a filter matches nothing: another writer was first, and nothing may be committed.
 */
export async function writeDecision(store: BookingStore, decided: DecidedBatch, session: ClientSession): Promise<void> {
  const { decision, at } = decided;
  const { doc } = decided.loaded;
  const { collections } = store;
  const isCounted = decision.event.version !== doc.version || decision.recounted;
  await insertJobs(collections.jobs, decision, session, at);
  await writeAttempts(collections, doc._id, decision, { session, at });
  if (!isCounted && !decision.edited) return;
  await (decision.edited || decision.recounted || decided.loaded.isIncomplete
    ? replaceEvent(collections.events, doc, decision, session, at)
    : changeCounters(collections.events, doc, decision, session));
  if (isCounted) await writeBookings(store, decided, session);
}

async function writeBookings(
  { collections, database }: BookingStore,
  { loaded, decision, at }: DecidedBatch,
  session: ClientSession,
): Promise<void> {
  const docs = new Map<string, BookingDoc>();
  for (const booking of decision.newBookings) docs.set(booking.id, toBookingDoc(booking));
  const newDocs = [...docs.values()];
  for (const { booking } of decision.changedBookings) docs.set(booking.id, toBookingDoc(booking));
  await changeBookings(collections.bookings, decision, docs, session);
  await writeVouchers(collections, decision, session);
  await writeWaitlistEntries(collections, decision, session);
  // Beside each other: the database takes in the bookings while the ledger's document is made.
  const inserted = newDocs.length > 0 ? insertAll(database, 'bookings', newDocs, session) : Promise.resolve();
  const noted = collections.ledger.insertOne(toLedgerDoc(loaded.doc._id, decision, docs, at), { session });
  await allBesideEachOther([inserted, noted]);
}

/** The guarded `$inc`: the database refuses to oversell even if our code is wrong. */
async function changeCounters(
  events: Collection<EventDoc>,
  before: EventDoc,
  { event }: Decision,
  session: ClientSession,
): Promise<void> {
  const available = event.counters.availableSeats - before.availableSeats;
  const held = event.counters.heldSeats - before.heldSeats;
  const types = changedTypes(before, event);
  const { matchedCount } = await events.updateOne(
    {
      _id: before._id,
      // All that the decision rests on: a cached event may be old, and an edit by hand may have left the version as it
      // was.
      version: before.version,
      revision: before.revision,
      status: before.status,
      totalSeats: before.totalSeats,
      availableSeats: { $eq: before.availableSeats, $gte: -available },
      heldSeats: { $eq: before.heldSeats, $gte: -held },
      ...types.filter,
    },
    {
      $inc: {
        version: 1,
        availableSeats: available,
        heldSeats: held,
        soldSeats: event.counters.soldSeats - before.soldSeats,
        waitingCount: event.waitingCount - before.waitingCount,
        ...types.increments,
      },
      $set: { holdsUntil: event.holdsUntil, ...types.sets },
    },
    { session },
  );
  if (matchedCount !== 1) throw new GuardMissed(`Event ${event.id} is not at version ${before.version} any more`);
}

/**
 * The counters of the ticket types that a batch has changed, by their places in the stored list: what the update adds to
 * them, and in the filter all that the decision about them rests on.
 */
function changedTypes({ ticketTypes: before }: EventDoc, { ticketTypes }: Pick<EventState, 'ticketTypes'>) {
  const filter: Record<string, unknown> = {};
  const increments: Record<string, number> = {};
  const sets: Record<string, true> = {};
  for (const [place, type] of ticketTypes.entries()) {
    const stored = before[place];
    if (!stored || stored === type) continue;
    const [held, sold] = [type.held - stored.held, type.sold - stored.sold];
    const at = `ticketTypes.${place}`;
    filter[`${at}.id`] = type.id;
    filter[`${at}.limit`] = stored.limit;
    filter[`${at}.held`] = { $eq: stored.held, $gte: -held };
    filter[`${at}.sold`] = { $eq: stored.sold, $gte: -sold };
    if (held !== 0) increments[`${at}.held`] = held;
    if (sold !== 0) increments[`${at}.sold`] = sold;
    if (type.booked && !stored.booked) sets[`${at}.booked`] = true;
  }
  return { filter, increments, sets };
}

/** Inserts the jobs that belong to the commit; a job with an already stored key is left unchanged. */
async function insertJobs(
  jobs: Collection<JobDoc>,
  decision: Decision,
  session: ClientSession,
  at: Date,
): Promise<void> {
  const jobsNow = decision.jobs.filter((job) => !isAddedAfterCommit(job));
  const operations = jobsNow.map((job) => ({
    updateOne: { filter: { key: job.key }, update: { $setOnInsert: newJobDoc(job, at) }, upsert: true },
  }));
  if (operations.length > 0) await jobs.bulkWrite(operations, { session });
}

/** An edit replaces the whole document: the change feed then carries all that `eventChanged` shows. */
async function replaceEvent(
  events: Collection<EventDoc>,
  before: EventDoc,
  { event }: Decision,
  session: ClientSession,
  at: Date,
): Promise<void> {
  const { settings, counters, version, revision, holdsUntil, movedAt, moves, isSample, cancelReason, waitingCount } =
    event;
  const { ticketTypes, ticketOrder, ticketTypesMade, image } = event;
  const after = {
    ...before,
    ...settings,
    ...counters,
    ticketTypes: [...ticketTypes],
    ticketOrder: [...ticketOrder],
    ticketTypesMade,
    version,
    revision,
    waitingCount,
    holdsUntil,
    movedAt,
    moves,
    ...(before.sample !== undefined && { sample: isSample }),
    image,
    cancelReason,
    ...searchFieldsOf(settings),
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
): Promise<void> {
  if (changedBookings.length === 0) return;
  const operations = changedBookings.map(({ booking, fromVersion }) => {
    const doc = docs.get(booking.id) as BookingDoc;
    const { version, seats, tickets, status, holdExpiresAt, settling, payment, ended, checkedInSeats, updatedAt } = doc;
    const { changeRequests, movesSeenAt, reasons, cancelledParts, voucher, checkedInAt, personalTickets } = doc;
    const fields = {
      version,
      seats,
      tickets,
      status,
      holdExpiresAt,
      settling,
      payment,
      ended,
      checkedInSeats,
      updatedAt,
    };
    const set = {
      ...fields,
      ...(changeRequests && { changeRequests }),
      ...(movesSeenAt && { movesSeenAt }),
      ...(reasons && { reasons }),
      ...(cancelledParts && { cancelledParts }),
      ...(voucher && { voucher }),
      ...(doc.adoptedFrom && { adoptedFrom: doc.adoptedFrom, userId: doc.userId }),
      ...(checkedInAt && { checkedInAt }),
      ...(personalTickets && { personalTickets }),
    };
    // A hold may lose its voucher, and stop being provisional; a booking that has ended keeps them.
    const lost = {
      ...(status === 'held' && !voucher && { voucher: '' as const }),
      ...(status === 'held' && !doc.provisional && { provisional: '' as const }),
      ...(status === 'confirmed' && !personalTickets && { personalTickets: '' as const }),
    };
    const unset = Object.keys(lost).length > 0 ? { $unset: lost } : {};
    const filter = { _id: ObjectId.createFromHexString(booking.id), version: fromVersion };
    return { updateOne: { filter, update: { $set: set, ...unset } } };
  });
  const { matchedCount } = await bookings.bulkWrite(operations, { session });
  if (matchedCount !== changedBookings.length) throw new GuardMissed('A booking is not at the version that was read');
}

function toLedgerDoc(
  eventId: Types.ObjectId,
  { event, ledgerEntries }: Decision,
  docs: ReadonlyMap<string, BookingDoc>,
  at: Date,
): LedgerDoc {
  return {
    _id: newIdAt(at),
    eventId,
    seq: event.version,
    at,
    availability: toLedgerAvailability(event),
    event: toLedgerEvent(event),
    entries: ledgerEntries.map((entry) => toLedgerEntryDoc(entry, entry.booking && docAfter(entry.booking, docs))),
  };
}

/** The booking as it was after one ledger entry: a later entry of the same batch may have changed the booking again. */
function docAfter(booking: BookingState, docs: ReadonlyMap<string, BookingDoc>): BookingDoc {
  const last = docs.get(booking.id);
  return last?.version === booking.version ? last : toBookingDoc(booking);
}
