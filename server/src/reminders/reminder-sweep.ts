import { Types } from 'mongoose';
import type { RemindedEvent } from '#server/booking/rules/reminder.ts';
import { isReminderDue, isReminderVoid, NOTIFY_REMINDERS } from '#server/booking/rules/reminder.ts';
import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import { nextReminder, OPEN_REMINDERS } from '#server/models/accounts/reminder.ts';
import { insertJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import { REMINDED_FIELDS } from './reminders.ts';

const SWEEP_MS = 1_000;
/** A sweep that finds many events rests this many times as long as it took, though not for too long. */
const REST_FACTOR = 9;
const LONGEST_REST_MS = 5_000;
/** Reminders of one job: few enough that each event has its turn within a second or two. */
const BATCH_SIZE = 100;

interface ReminderSweepOptions {
  models: Pick<Models, 'reminders' | 'events' | 'jobs'>;
  withTransaction: WithTransaction;
  now: Now;
  monotonic: () => number;
  /** Wakes the notifications after a job was added. */
  wake(): void;
}

/**
 * Hands reminders to jobs once the opening of their event is near, and ends those that nothing follows from any more. It
 * goes by the event as it is stored now, so that a moved opening needs nothing else.
 */
export function createReminderSweep({
  models,
  withTransaction,
  now,
  monotonic,
  wake,
}: ReminderSweepOptions): SweepTask {
  const { reminders, events } = models;

  async function sweep(closing: AbortSignal): Promise<number> {
    const beganMs = monotonic();
    const eventIds = await reminders.distinct('eventId', { status: { $in: OPEN_REMINDERS } });
    const found = await events
      .find({ _id: { $in: eventIds } }, REMINDED_FIELDS)
      .lean<(RemindedEvent & Pick<ReminderDoc, '_id'>)[]>();
    const byId = new Map(found.map((event) => [event._id.toHexString(), event]));
    for (const eventId of eventIds) {
      if (closing.aborted) break;
      const event = byId.get(eventId.toHexString()) ?? null;
      if (isReminderVoid(event, now())) await endAll(eventId, closing);
      else if (event && isReminderDue(event, now())) await queueAll(eventId, closing);
    }
    return Math.max(SWEEP_MS, Math.min(LONGEST_REST_MS, (monotonic() - beganMs) * REST_FACTOR));
  }

  function nextBatch(eventId: Types.ObjectId, statuses: readonly ReminderDoc['status'][]): Promise<ReminderDoc[]> {
    const next = reminders
      .find({ eventId, status: { $in: statuses } })
      .sort({ _id: 1 })
      .limit(BATCH_SIZE);
    return next.lean<ReminderDoc[]>().exec();
  }

  async function queueAll(eventId: Types.ObjectId, closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      const batch = await nextBatch(eventId, ['waiting']);
      if (batch.length === 0) return;
      await queue(eventId, batch);
      wake();
    }
  }

  /** In one commit, so that a reminder is in one job, wherever a server dies. */
  function queue(eventId: Types.ObjectId, batch: readonly ReminderDoc[]): Promise<void> {
    const ids = batch.map(({ _id }) => _id);
    const key = `${NOTIFY_REMINDERS}:${new Types.ObjectId().toHexString()}`;
    const payload = { eventId: eventId.toHexString(), reminderIds: ids.map((id) => id.toHexString()) };
    return withTransaction(async (session) => {
      const waiting = { _id: { $in: ids }, status: 'waiting' as const };
      await reminders.collection.updateMany(waiting, { $set: { status: 'queued' } }, { session });
      await insertJob(models, { key, kind: NOTIFY_REMINDERS, payload }, now(), session);
    });
  }

  async function endAll(eventId: Types.ObjectId, closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      const batch = await nextBatch(eventId, OPEN_REMINDERS);
      if (batch.length === 0) return;
      const at = now();
      await reminders.collection.bulkWrite(
        batch.map((stored) => ({
          replaceOne: {
            filter: { _id: stored._id, version: stored.version },
            replacement: nextReminder(stored, { status: 'ended', doneAt: at }, at),
          },
        })),
        { ordered: false },
      );
    }
  }

  return { sweep, everyMs: SWEEP_MS, failure: 'The sweep of reminders failed and will be retried' };
}
