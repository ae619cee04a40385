import type { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import { PAYER_ADDRESS, RECEIPTS_DUE } from '#server/models/payment.ts';
import type { Receipts } from './receipts.ts';

const SWEEP_MS = 2_000;
/** After a full batch there are probably more; the pause leaves the database to the sale. */
const NEXT_BATCH_MS = 200;
const BATCH_SIZE = 100;
/** How far back the first sweep of a process looks at payments that are not marked. */
const RECENT_MS = 86_400_000;

interface ReceiptSweepOptions {
  models: Pick<Models, 'payments'>;
  receipts: Pick<Receipts, 'issue'>;
  now: Now;
}

/**
 * Issues the receipts of payments that have bought a booking, in the order in which they were paid, and the cancellations
 * of what was refunded since. The first sweep of a process also looks at payments that have changed lately without a mark,
 * because a server of the version before makes none.
 */
export function createReceiptSweep({ models, receipts, now }: ReceiptSweepOptions): SweepTask {
  let isFirst = true;

  async function sweep(closing: AbortSignal): Promise<number> {
    const due = await models.payments
      .find({ bought: true, isReceiptDue: { $in: [true, null] } } as object, { _id: 1 })
      .sort({ paidAt: 1 })
      .limit(BATCH_SIZE)
      .hint(RECEIPTS_DUE)
      .lean<Pick<PaymentDoc, '_id'>[]>();
    if (due.length > 0) await receipts.issue(idsOf(due));
    if (due.length === BATCH_SIZE) return NEXT_BATCH_MS;
    if (isFirst && !closing.aborted) await lookAtUnmarked(closing);
    isFirst = false;
    return SWEEP_MS;
  }

  async function lookAtUnmarked(closing: AbortSignal): Promise<void> {
    // By the index of payments that still have the address of their buyer.
    const changed = { 'terms.email': { $gt: '' }, updatedAt: { $gte: new Date(now().getTime() - RECENT_MS) } };
    const found = await models.payments
      .find({ ...changed, bought: true, isReceiptDue: false } as object, { _id: 1 })
      .hint(PAYER_ADDRESS)
      .lean<Pick<PaymentDoc, '_id'>[]>();
    const recent = idsOf(found);
    for (let at = 0; at < recent.length && !closing.aborted; at += BATCH_SIZE)
      await receipts.issue(recent.slice(at, at + BATCH_SIZE));
  }

  return { sweep, everyMs: SWEEP_MS, failure: 'Receipts could not be issued; this will be retried' };
}

function idsOf(payments: readonly Pick<PaymentDoc, '_id'>[]): Types.ObjectId[] {
  return payments.map(({ _id }) => _id);
}
