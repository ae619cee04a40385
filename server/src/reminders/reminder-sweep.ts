import { Types } from 'mongoose';
import type { RemindedEvent, RemindedSale } from '#server/booking/rules/reminder.ts';
import { isReminderDue, isReminderVoid, NOTIFY_REMINDERS } from '#server/booking/rules/reminder.ts';
import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import { nextReminder, OPEN_REMINDERS } from '#server/models/accounts/reminder.ts';
import type { EventDoc } from '#server/models/event.ts';
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

type SweptEvent = RemindedEvent & Pick<EventDoc, '_id'> & Partial<Pick<EventDoc, 'ticketTypesMade'>>;

/** The sale that reminders are of; `ticketType: null` finds those stored without one, too. */
interface SaleOfEvent {
  eventId: Types.ObjectId;
  ticketType: RemindedSale;
}

interface ReminderSweepOptions {
  models: Pick<Models, 'reminders' | 'events' | 'jobs'>;
  withTransaction: WithTransaction;
  now: Now;
  monotonic: () => number;
  /** Wakes the notifications after a job was added. */
  wake(): void;
}

/**
 * Hands reminders to jobs once the opening of their sale is near, and ends those that nothing follows from any more. It
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
      .find({ _id: { $in: eventIds } }, { ...REMINDED_FIELDS, ticketTypesMade: 1 })
      .lean<SweptEvent[]>();
    const byId = new Map(found.map((event) => [event._id.toHexString(), event]));
    for (const eventId of eventIds) {
      if (closing.aborted) break;
      const event = byId.get(eventId.toHexString()) ?? null;
      for (const sale of await salesToDo(eventId, event)) {
        if (isReminderVoid(event, sale, now())) await endAll({ eventId, ticketType: sale }, closing);
        else if (event && isReminderDue(event, sale, now())) await queueAll({ eventId, ticketType: sale }, closing);
      }
    }
    return Math.max(SWEEP_MS, Math.min(LONGEST_REST_MS, (monotonic() - beganMs) * REST_FACTOR));
  }

  /** The sales of an event whose reminders may have something to do: most events have none, and cost no read. */
  async function salesToDo(eventId: Types.ObjectId, event: SweptEvent | null): Promise<RemindedSale[]> {
    const types = event?.ticketTypes ?? [];
    const isNear = (sale: RemindedSale) =>
      !event || isReminderVoid(event, sale, now()) || isReminderDue(event, sale, now());
    // The reminders of a type that was removed are found by themselves alone.
    const isWhole = types.length === (event?.ticketTypesMade ?? types.length);
    if (isWhole && ![null, ...types.map(({ id }) => id)].some(isNear)) return [];
    const found = await reminders.distinct('ticketType', { eventId, status: { $in: OPEN_REMINDERS } });
    return [null, ...found.filter((type) => typeof type === 'string')];
  }

  function nextBatch(sale: SaleOfEvent, statuses: readonly ReminderDoc['status'][]): Promise<ReminderDoc[]> {
    const next = reminders
      .find({ ...sale, status: { $in: statuses } })
      .sort({ _id: 1 })
      .limit(BATCH_SIZE);
    return next.lean<ReminderDoc[]>().exec();
  }

  async function queueAll(sale: SaleOfEvent, closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      const batch = await nextBatch(sale, ['waiting']);
      if (batch.length === 0) return;
      await queue(sale, batch);
      wake();
    }
  }

  /** In one commit, so that a reminder is in one job, wherever a server dies. */
  function queue({ eventId, ticketType }: SaleOfEvent, batch: readonly ReminderDoc[]): Promise<void> {
    const ids = batch.map(({ _id }) => _id);
    const key = `${NOTIFY_REMINDERS}:${new Types.ObjectId().toHexString()}`;
    const reminderIds = ids.map((id) => id.toHexString());
    const payload = { eventId: eventId.toHexString(), ticketType, reminderIds };
    return withTransaction(async (session) => {
      const waiting = { _id: { $in: ids }, status: 'waiting' as const };
      await reminders.collection.updateMany(waiting, { $set: { status: 'queued' } }, { session });
      await insertJob(models, { key, kind: NOTIFY_REMINDERS, payload }, now(), session);
    });
  }

  async function endAll(sale: SaleOfEvent, closing: AbortSignal): Promise<void> {
    while (!closing.aborted) {
      const batch = await nextBatch(sale, OPEN_REMINDERS);
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
