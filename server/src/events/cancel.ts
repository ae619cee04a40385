import type { Db, MongoClient } from 'mongodb';
import { Types } from 'mongoose';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Cancellation } from '#shared/event.ts';
import { cancellation } from '#shared/event.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import { bookingCollections } from '#server/booking/store/collections.ts';
import { toEventState } from '#server/booking/store/records.ts';
import { cancelEventJobKey } from '#server/booking/rules/edit.ts';
import { countCancellation } from '#server/booking/store/count-cancellation.ts';

/** Bookings cancelled in one batch: buyers of other events, and a shutdown, never wait for long. */
const BATCH = 500;
const LIVE = { $in: ['held', 'confirmed'] } as const;

/** What the job that cancels an event's bookings has to know; written where the event is cancelled. */
const cancelOrder = z.object({ eventId: z.string(), actor: z.string(), reason: z.string(), taken: cancellation });
type CancelOrder = z.infer<typeof cancelOrder>;

export interface EventCancellationOptions {
  client: MongoClient;
  database: Db;
  models: Pick<Models, 'jobs'>;
  engine: Engine;
  now: Now;
  /** There is a new job. */
  wake(): void;
}

/** Calls events off: the event at once, in one commit with the order to cancel its bookings one batch after the other. */
export function createEventCancellation({ client, database, models, engine, now, wake }: EventCancellationOptions) {
  const collections = bookingCollections(database);

  /** The counts are those of the moment of cancelling, however often it is asked for; a dry run counts and changes nothing. */
  async function cancelEvent(input: CommandInput<'cancelEvent'>, actor: string): Promise<Result<Cancellation>> {
    const eventId = input.eventId.toLowerCase();
    if (input.dryRun) return preview(eventId);
    const { outcome } = await engine.submit(eventId, { type: 'cancelEvent', actor, reason: input.reason });
    if (!outcome.ok) return outcome;
    await takeUpAgain(models, cancelEventJobKey(eventId), now());
    wake();
    const job = await models.jobs
      .findOne({ key: cancelEventJobKey(eventId) })
      .orFail()
      .lean<JobDoc>();
    return ok(cancelOrder.parse(job.payload).taken);
  }

  async function preview(eventId: string): Promise<Result<Cancellation>> {
    return client.withSession({ snapshot: true }, async (session) => {
      const doc = await collections.events.findOne({ _id: Types.ObjectId.createFromHexString(eventId) }, { session });
      return doc ? ok(await countCancellation(collections, toEventState(doc), session)) : refuse('NOT_FOUND');
    });
  }

  return { cancelEvent };
}

/** A job that gave up long ago begins anew when somebody asks for it. */
async function takeUpAgain({ jobs }: Pick<Models, 'jobs'>, key: string, at: Date): Promise<void> {
  const anew = { state: 'waiting', attempts: 0, nextAt: at, lastError: null, doneAt: null } as const;
  await jobs.updateOne({ key, state: 'failed' }, { $set: anew });
}

export type EventCancellation = ReturnType<typeof createEventCancellation>;

/** The job behind `cancelEvent`: whatever is still live or waiting is ended, until nothing is; so it can begin again. */
export function createCancelEventJob({ models, engine }: { models: Models; engine: Engine }): JobHandler {
  return async (payload, run) => {
    const order = cancelOrder.parse(payload);
    const { waiting, tell } = await progressOf(models, order, run);
    await closeList(engine, order, run.signal, { waiting, tell });
    await cancelBookings(models, engine, order, run.signal, tell);
  };
}

type Tell = (done: number) => Promise<void>;

/** Progress goes on where an earlier run has left it: what is left now is counted once. */
async function progressOf(models: Models, { eventId, taken }: CancelOrder, run: JobRun) {
  const total = taken.bookings + taken.waiting;
  const waiting = await models.waitlist.countDocuments({ eventId, status: 'waiting' });
  const live = await models.bookings.countDocuments({ eventId, status: LIVE });
  let done = Math.max(0, total - waiting - live);
  const tell: Tell = (more) => run.progress({ done: (done = Math.min(total, done + more)), total });
  await tell(0);
  return { waiting, tell };
}

/** Before any booking: seats that come back need not look for parties that wait. */
async function closeList(
  engine: Engine,
  { eventId }: CancelOrder,
  signal: AbortSignal,
  { waiting, tell }: { waiting: number; tell: Tell },
): Promise<void> {
  for (let left = waiting; left > 0;) {
    signal.throwIfAborted();
    const { outcome, event } = await engine.submit(eventId, { type: 'closeWaitlist' });
    if (!outcome.ok) throw refused(outcome.error);
    const still = event?.waitingCount ?? 0;
    if (still >= left) throw new Error(`The waiting list of event ${eventId} stays at ${still}`);
    await tell(left - still);
    left = still;
  }
}

async function cancelBookings(models: Models, engine: Engine, order: CancelOrder, signal: AbortSignal, tell: Tell) {
  for (let below: Types.ObjectId | null = null; ;) {
    signal.throwIfAborted();
    const ids: Types.ObjectId[] = await liveBookings(models, order.eventId, below);
    if (ids.length === 0 && below === null) return;
    await Promise.all(ids.map((id) => cancelOne(engine, order, id.toHexString())));
    await tell(ids.length);
    // Behind the last one it looks again from the top: a payment may have come in between.
    below = ids.at(-1) ?? null;
  }
}

async function liveBookings(models: Models, eventId: string, below: Types.ObjectId | null): Promise<Types.ObjectId[]> {
  const live = { eventId, status: LIVE, ...(below && { _id: { $lt: below } }) };
  const found = models.bookings.find(live, { _id: 1 }).sort({ _id: -1 }).limit(BATCH);
  return (await found.lean<Pick<BookingDoc, '_id'>[]>()).map((doc) => doc._id);
}

async function cancelOne(engine: Engine, { eventId, actor, reason }: CancelOrder, bookingId: string): Promise<void> {
  const command = { type: 'cancel', bookingId, actor, by: 'event', seats: null, reason } as const;
  const { outcome } = await engine.submit(eventId, command);
  // A hold that has run out meanwhile has given its seats back already.
  if (!outcome.ok && outcome.error.details?.['status'] !== 'expired') throw refused(outcome.error);
}

function refused({ code, details }: Refusal): Error {
  return new Error(`The event's queue refused with ${code} ${JSON.stringify(details ?? {})}`);
}
