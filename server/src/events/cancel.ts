import type { Db, MongoClient } from 'mongodb';
import { Types } from 'mongoose';
import { z } from 'zod';
import type { Engine } from '#server/booking/engine/engine.ts';
import { cancelEventJobKey } from '#server/booking/rules/edit.ts';
import { countCancellation } from '#server/booking/store/count-cancellation.ts';
import { bookingCollections } from '#server/booking/store/collections.ts';
import { toEventState } from '#server/booking/store/records.ts';
import type { Now } from '#server/clock.ts';
import { queueRefused } from '#server/jobs/job-waits.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { JobDoc } from '#server/models/job.ts';
import { restartFailedJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { Cancellation } from '#shared/event.ts';
import { cancellation } from '#shared/event.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';

/** Bookings cancelled at once: small enough that neither other events' buyers nor a shutdown wait for long. */
const BATCH_SIZE = 500;
const LIVE = { $in: ['held', 'confirmed'] } as const;

/** The job that cancels an event's bookings; stored in the commit that cancels the event. `taken`: the counts then. */
const cancelEventPayload = z.object({
  eventId: z.string(),
  actor: z.string(),
  reason: z.string(),
  taken: cancellation,
});
type CancelEventPayload = z.infer<typeof cancelEventPayload>;

interface EventCancellationOptions {
  client: MongoClient;
  database: Db;
  models: Pick<Models, 'jobs'>;
  engine: Engine;
  now: Now;
  /** Called after the job was stored. */
  wake(): void;
}

export type EventCancellation = ReturnType<typeof createEventCancellation>;

/** Cancels events: one commit cancels the event and adds the job that cancels its bookings. */
export function createEventCancellation({ client, database, models, engine, now, wake }: EventCancellationOptions) {
  const collections = bookingCollections(database);

  /**
   * Replies with the numbers of bookings and waitlist entries at the moment of cancelling, however often the command is
   * repeated. A dry run counts them and changes nothing.
   */
  async function cancelEvent(input: CommandInput<'cancelEvent'>, actor: string): Promise<Result<Cancellation>> {
    const eventId = input.eventId.toLowerCase();
    if (input.dryRun) return countOnly(eventId);
    const { outcome } = await engine.submit(eventId, { type: 'cancelEvent', actor, reason: input.reason });
    if (!outcome.ok) return outcome;
    const key = cancelEventJobKey(eventId);
    await restartFailedJob(models, key, now());
    wake();
    const job = await models.jobs.findOne({ key }).orFail().lean<JobDoc>();
    return ok(cancelEventPayload.parse(job.payload).taken);
  }

  async function countOnly(eventId: string): Promise<Result<Cancellation>> {
    return client.withSession({ snapshot: true }, async (session) => {
      const doc = await collections.events.findOne({ _id: Types.ObjectId.createFromHexString(eventId) }, { session });
      return doc ? ok(await countCancellation(collections, toEventState(doc), session)) : refuse('NOT_FOUND');
    });
  }

  return { cancelEvent };
}

interface CancelEventJobOptions {
  models: Pick<Models, 'bookings' | 'waitlist'>;
  engine: Engine;
}

/** The job after `cancelEvent`: closes the waiting list and cancels bookings until none is live. It can be run again. */
export function createCancelEventJob({ models, engine }: CancelEventJobOptions): JobHandler {
  return async (payload, run) => {
    const job = cancelEventPayload.parse(payload);
    const { waiting, report } = await createProgress(models, job, run);
    // The list is closed first, so that returning seats search for no waitlist entry.
    await closeWaitlist({ engine, job, waiting, signal: run.signal, report });
    await cancelBookings({ models, engine, job, signal: run.signal, report });
  };
}

/** Adds to the job's progress. */
type ReportProgress = (done: number) => Promise<void>;

/** Progress continues where an earlier run has left it: the remaining bookings and entries are counted once. */
async function createProgress(
  models: CancelEventJobOptions['models'],
  { eventId, taken }: CancelEventPayload,
  run: JobRun,
): Promise<{ waiting: number; report: ReportProgress }> {
  const total = taken.bookings + taken.waiting;
  const waiting = await models.waitlist.countDocuments({ eventId, status: 'waiting' });
  const live = await models.bookings.countDocuments({ eventId, status: LIVE });
  let done = Math.max(0, total - waiting - live);
  const report: ReportProgress = async (more) => {
    done = Math.min(total, done + more);
    await run.progress({ done, total });
  };
  await report(0);
  return { waiting, report };
}

interface CloseWaitlistOptions {
  engine: Engine;
  job: CancelEventPayload;
  waiting: number;
  signal: AbortSignal;
  report: ReportProgress;
}

async function closeWaitlist({ engine, job: { eventId }, waiting, signal, report }: CloseWaitlistOptions) {
  for (let left = waiting; left > 0;) {
    signal.throwIfAborted();
    const { outcome, event } = await engine.submit(eventId, { type: 'closeWaitlist' });
    if (!outcome.ok) throw queueRefused(outcome.error);
    const remaining = event?.waitingCount ?? 0;
    if (remaining >= left) throw new Error(`The waiting list of event ${eventId} stays at ${remaining}`);
    await report(left - remaining);
    left = remaining;
  }
}

interface CancelBookingsOptions {
  models: Pick<Models, 'bookings'>;
  engine: Engine;
  job: CancelEventPayload;
  signal: AbortSignal;
  report: ReportProgress;
}

async function cancelBookings({ models, engine, job, signal, report }: CancelBookingsOptions): Promise<void> {
  for (let below: Types.ObjectId | null = null; ;) {
    signal.throwIfAborted();
    const ids: Types.ObjectId[] = await findLiveBookings(models, job.eventId, below);
    if (ids.length === 0 && below === null) return;
    await Promise.all(ids.map((id) => cancelBooking(engine, job, id.toHexString())));
    await report(ids.length);
    // After the last booking the search starts from the top again: a payment may have revived one meanwhile.
    below = ids.at(-1) ?? null;
  }
}

/** The newest live bookings below that id, or of all. */
async function findLiveBookings(
  { bookings }: Pick<Models, 'bookings'>,
  eventId: string,
  below: Types.ObjectId | null,
): Promise<Types.ObjectId[]> {
  const live = { eventId, status: LIVE, ...(below && { _id: { $lt: below } }) };
  const found = bookings.find(live, { _id: 1 }).sort({ _id: -1 }).limit(BATCH_SIZE);
  return (await found.lean<Pick<BookingDoc, '_id'>[]>()).map((doc) => doc._id);
}

async function cancelBooking(engine: Engine, job: CancelEventPayload, bookingId: string): Promise<void> {
  const { eventId, actor, reason } = job;
  const command = { type: 'cancel', bookingId, actor, by: 'event', requestId: null, seats: null, reason } as const;
  const { outcome } = await engine.submit(eventId, command);
  // A hold that has expired meanwhile has returned its seats already.
  if (!outcome.ok && outcome.error.details?.['status'] !== 'expired') throw queueRefused(outcome.error);
}
