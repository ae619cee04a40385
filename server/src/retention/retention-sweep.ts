import { CANCEL_EVENT_JOB } from '#server/booking/rules/edit.ts';
import { NOTIFY_MOVED } from '#server/booking/rules/notify.ts';
import type { Now } from '#server/clock.ts';
import type { Retention } from '#server/config.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import { CLOSED_ACCOUNT } from '#server/models/accounts/closed-account.ts';
import type { JobDoc } from '#server/models/job.ts';
import { BY_STATE_AND_KIND } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import { PAYER_ADDRESS } from '#server/models/payment.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Servers that are restarted often sweep all the same, and not while they start. */
const FIRST_MS = 600_000;
const BATCH_SIZE = 1_000;

/**
 * Kinds whose done jobs are records: that an account was closed, what the cancellation of an event took back, and what
 * buyers were told of the moves of an event. There are few of them.
 */
const RECORDS: ReadonlySet<string> = new Set([CLOSED_ACCOUNT, CANCEL_EVENT_JOB, NOTIFY_MOVED]);

interface RetentionOptions {
  models: Pick<Models, 'jobs' | 'payments'>;
  retention: Retention;
  now: Now;
}

/**
 * Deletes what is no longer needed and what no expiring index deletes: done jobs, and the buyers' mail addresses in
 * payments that are over. Ledger, bookings and payments themselves stay.
 */
export function createRetentionSweep({ models, retention, now }: RetentionOptions): SweepTask {
  const daysAgo = (days: number): Date => new Date(now().getTime() - days * DAY_MS);

  async function deleteDoneJobs(closing: AbortSignal): Promise<void> {
    const before = daysAgo(retention.doneJobDays);
    for (const kind of await models.jobs.distinct('kind', { state: 'done' }))
      if (!RECORDS.has(kind)) await deleteDoneJobsOf(kind, before, closing);
  }

  /** In small batches, so that bookings do not wait. The index has `nextAt`, which is never later than `doneAt`. */
  async function deleteDoneJobsOf(kind: string, before: Date, closing: AbortSignal): Promise<void> {
    const old = { state: 'done', kind, nextAt: { $lt: before }, doneAt: { $lt: before } } as const;
    while (!closing.aborted) {
      const found = models.jobs.find(old, { _id: 1 }).hint(BY_STATE_AND_KIND).limit(BATCH_SIZE);
      const ids = (await found.lean<Pick<JobDoc, '_id'>[]>()).map(({ _id }) => _id);
      if (ids.length === 0) return;
      await models.jobs.deleteMany({ _id: { $in: ids }, state: 'done' });
    }
  }

  /** Of payments that no provider is asked about any more: an open checkout may have to be opened again. */
  async function removePayerAddresses(): Promise<void> {
    const over = { status: { $in: ['ended', 'paid'] }, updatedAt: { $lt: daysAgo(retention.payerAddressDays) } };
    const withAddress = { ...over, 'terms.email': { $gt: '' } } as object;
    await models.payments.collection.updateMany(withAddress, { $set: { 'terms.email': '' } }, { hint: PAYER_ADDRESS });
  }

  return {
    everyMs: HOUR_MS,
    firstMs: FIRST_MS,
    failure: 'What is no longer needed could not be deleted and will be tried again',
    async sweep(closing): Promise<number> {
      await deleteDoneJobs(closing);
      await removePayerAddresses();
      return HOUR_MS;
    },
  };
}
