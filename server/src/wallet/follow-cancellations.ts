import { z } from 'zod';
import { changedPassesJob } from '#server/booking/rules/tickets/pass-jobs.ts';
import type { Now } from '#server/clock.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import { insertMissingJobs, newJobDoc } from '#server/models/job.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';

/** Of the jobs that notify of a batch. */
const payloadSchema = z.object({ eventId: z.string(), seq: z.number() });

interface FollowCancellationsOptions {
  models: Pick<Models, 'ledger' | 'walletPasses' | 'jobs'>;
  now: Now;
}

/**
 * Runs with the jobs that notify of a batch, which follow each commit: adds the job for the tickets in wallets whose
 * bookings the batch has cancelled, in whole or in part, if there are any. Again it adds nothing.
 */
export function createFollowCancellations({ models, now }: FollowCancellationsOptions): JobHandler {
  return async (payload) => {
    const { eventId, seq } = payloadSchema.parse(payload);
    const cancelled = { eventId, seq, entries: { $elemMatch: { kind: 'cancelled' as const } } };
    const batch = await models.ledger
      .findOne(cancelled, { 'entries.kind': 1, 'entries.booking._id': 1 })
      .lean<LedgerDoc>();
    const bookings = batch?.entries.flatMap(({ kind, booking }) =>
      kind === 'cancelled' && booking ? [booking._id] : [],
    );
    if (!bookings) return;
    const withPasses = await models.walletPasses.distinct('bookingId', { bookingId: { $in: bookings } });
    if (withPasses.length === 0) return;
    const bookingIds = withPasses.map((id) => id.toHexString());
    await insertMissingJobs(models, [newJobDoc(changedPassesJob(eventId, bookingIds, String(seq)), now())]);
  };
}
