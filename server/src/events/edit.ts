import { createHash } from 'node:crypto';
import type { Db, MongoClient } from 'mongodb';
import { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import { searchFieldsOf } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';
import { toOrganiserEvent } from '#server/models/views.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import { CommitTimeout, runTransaction } from '#server/mongo/transaction.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Event, EventInput, EventSettings } from '#shared/event.ts';
import { noDetails } from '#shared/events/details.ts';
import type { ChangeImage, Edit } from '#server/booking/rules/command.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import { bookingCollections } from '#server/booking/store/collections.ts';
import { toEventState, toLedgerAvailability, toLedgerEvent } from '#server/booking/store/records.ts';
import { lowestPrice, newTypes, ticketTypeIssues } from '#server/booking/rules/tickets/edit-types.ts';
import { parseSettings, settingsIssues, startIssues } from '#server/booking/rules/state/settings.ts';

const { ObjectId } = Types;
const DEADLINE_MS = 8_000;
const RETRY_AFTER_MS = 1_000;

interface EventEditingOptions {
  client: MongoClient;
  database: Db;
  models: Models;
  engine: Engine;
  /** Called with each created event before its command is answered. */
  noteCreated(event: EventDoc): void;
  now: Now;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** A short jittered delay before a transaction is replayed. */
  sleepBeforeReplay: () => Promise<void>;
}

/** Creates and edits events. */
export function createEventEditing({
  client,
  database,
  models,
  engine,
  noteCreated,
  now,
  monotonic,
  sleepBeforeReplay,
}: EventEditingOptions) {
  const { events, ledger } = bookingCollections(database);

  /**
   * Creates an event with its first ledger entry; the same request twice creates one. Refuses with `INVALID_INPUT`,
   * `REQUEST_ID_REUSED` or `UNAVAILABLE`. A sample may begin in the past, because one of them is running.
   */
  async function create(
    input: CommandInput<'createEvent'>,
    actor: string,
    { sample = false }: Pick<EventDoc, 'sample'> = {},
  ): Promise<Result<Event>> {
    const { requestId, ...given } = input;
    const settings = given.ticketTypes ? given : { ...given, price: given.price ?? FREE };
    const digest = digestOf(settings);
    const earlier = await findRequest(requestId, actor, digest);
    if (earlier) return earlier;
    const doc = newEvent(settings, { actor, requestId, digest, at: now(), sample });
    const issues = [...settingsIssues(doc), ...ticketTypeIssues(parseSettings(settings).ticketTypes)];
    if (!sample) issues.push(...startIssues(null, doc, doc.createdAt));
    if (issues.length > 0) return refuse('INVALID_INPUT', { issues });
    try {
      await insert(doc, actor);
      noteCreated(doc);
      return ok(toOrganiserEvent(doc));
    } catch (error) {
      if (error instanceof CommitTimeout) return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS });
      // The same request on another connection was faster.
      const other = isDuplicateKey(error) ? await findRequest(requestId, actor, digest) : null;
      if (!other) throw error;
      return other;
    }
  }

  /** Edits an event through its queue, so that no booking is decided by half of an edit. */
  async function update(
    { eventId: id, revision, changes }: CommandInput<'updateEvent'>,
    actor: string,
    { ofSample }: Pick<Edit, 'ofSample'> = {},
  ): Promise<Result<Event>> {
    const eventId = id.toLowerCase();
    const settings = parseSettings(changes);
    return edited(eventId, { type: 'edit', actor, revision, changes: settings, ...(ofSample && { ofSample }) });
  }

  /** Gives an event an image, or a caption, or takes the image away. */
  async function changeImage(eventId: string, image: ChangeImage['image'], actor: string): Promise<Result<Event>> {
    return edited(eventId, { type: 'changeImage', actor, image });
  }

  async function edited(eventId: string, command: Edit | ChangeImage): Promise<Result<Event>> {
    const { outcome } = await engine.submit(eventId, command);
    if (!outcome.ok) return outcome;
    const doc = await models.events.findById(eventId).lean<EventDoc>();
    return doc ? ok(toOrganiserEvent(doc)) : refuse('NOT_FOUND');
  }

  async function findRequest(requestId: string, actor: string, digest: string): Promise<Result<Event> | null> {
    // `$type` lets the planner use the partial unique index.
    const request = { createdBy: new ObjectId(actor), requestId: { $eq: requestId, $type: 'string' as const } };
    const doc = await models.events.findOne(request).lean<EventDoc>();
    if (!doc) return null;
    return doc.requestDigest === digest ? ok(toOrganiserEvent(doc)) : refuse('REQUEST_ID_REUSED');
  }

  async function insert(doc: EventDoc, actor: string): Promise<void> {
    const options = { client, monotonic, sleepBeforeReplay, deadlineMs: monotonic() + DEADLINE_MS };
    await runTransaction(options, async (session) => {
      await events.insertOne(doc, { session });
      await ledger.insertOne(firstLedgerDoc(doc, actor), { session });
    });
  }

  return { create, update, changeImage };
}

export type EventEditing = ReturnType<typeof createEventEditing>;

/** The price of an event that is made without one. */
const FREE = { amount: 0, currency: 'EUR' };
const NO_TIMES = { endsAt: null, salesOpenAt: null, salesCloseAt: null };

function newEvent(
  input: EventInput,
  {
    actor,
    requestId,
    digest,
    at,
    sample,
  }: { actor: string; requestId: string; digest: string; at: Date; sample: boolean },
): EventDoc {
  const { ticketTypes, price = FREE, ...rest } = parseSettings(input);
  const types = newTypes({ price, ...(ticketTypes && { ticketTypes }) });
  const settings = { ...rest, price: lowestPrice(types.ticketTypes) } as EventSettings & { totalSeats: number };
  return {
    _id: new ObjectId(),
    ...NO_TIMES,
    ...noDetails(),
    ...settings,
    ticketTypes: [...types.ticketTypes],
    ticketOrder: [...types.ticketOrder],
    ticketTypesMade: types.ticketTypesMade,
    availableSeats: settings.totalSeats,
    heldSeats: 0,
    soldSeats: 0,
    version: 1,
    revision: 1,
    waitingCount: 0,
    holdsUntil: null,
    image: null,
    cancelReason: null,
    movedAt: null,
    moves: [],
    ...searchFieldsOf(input),
    ...(sample && { sample }),
    createdBy: new ObjectId(actor),
    requestId,
    requestDigest: digest,
    createdAt: at,
    updatedAt: at,
  };
}

/** The ledger starts with the capacity, so that the sums of its deltas are the counters. */
function firstLedgerDoc(doc: EventDoc, actor: string): LedgerDoc {
  const state = toEventState(doc);
  const created = { kind: 'created', available: doc.totalSeats, held: 0, sold: 0, booking: null } as const;
  return {
    _id: new ObjectId(),
    eventId: doc._id,
    seq: doc.version,
    at: doc.createdAt,
    availability: toLedgerAvailability(state),
    event: toLedgerEvent(state),
    entries: [{ ...created, actor: new ObjectId(actor), reason: null }],
  };
}

function digestOf(input: EventInput): string {
  const sorted = Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}
