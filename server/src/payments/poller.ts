import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ProviderGateway } from './provider-gateway.ts';

const SWEEP_MS = 2_000;
/** Until the next sweep while more payments are due than one sweep takes. */
const MIN_DELAY_MS = 50;
const MAX_PER_SWEEP = 500;
const CONCURRENCY = 8;
/** How often an open checkout is looked up, so that a lost webhook is made up for within a minute. */
const LOOK_EVERY_MS = 20_000;
/** The longest interval for payments that keep no seats: it grows with their age. */
const LONGEST_INTERVAL_MS = 600_000;

interface PollerOptions {
  models: Pick<Models, 'payments'>;
  gateway: Pick<ProviderGateway, 'look' | 'cancel' | 'refund'>;
  now: Now;
  log: Log;
}

/** Asks the providers about every pending payment, because webhooks get lost and servers die before they answer. */
export function createPoller({ models, gateway, now, log }: PollerOptions): SweepTask {
  /** Asks about the payments that are due; resolves with the milliseconds until the next sweep. */
  async function sweep(): Promise<number> {
    const due = await models.payments
      .find({ lookAt: { $lte: now(), $type: 'date' } })
      .sort({ lookAt: 1 })
      .limit(MAX_PER_SWEEP)
      .lean<PaymentDoc[]>();
    const queue = [...due];
    await Promise.all(Array.from({ length: CONCURRENCY }, () => askAll(queue)));
    return due.length === MAX_PER_SWEEP ? MIN_DELAY_MS : SWEEP_MS;
  }

  async function askAll(queue: PaymentDoc[]): Promise<void> {
    for (let payment = queue.shift(); payment; payment = queue.shift()) {
      try {
        await postpone(payment);
        await ask(payment);
      } catch (error) {
        log.warn({ paymentId: payment._id, err: error }, 'A payment could not be looked up; it will be retried');
      }
    }
  }

  /** Runs before the call, so that a payment whose call fails waits as long as all the others. */
  async function postpone({ _id, lookAt, status, updatedAt }: PaymentDoc): Promise<void> {
    const ageMs = now().getTime() - updatedAt.getTime();
    const growingMs = Math.min(LONGEST_INTERVAL_MS, Math.max(LOOK_EVERY_MS, ageMs / 2));
    const delayMs = status === 'open' ? LOOK_EVERY_MS : growingMs;
    await models.payments.updateOne({ _id, lookAt }, { $set: { lookAt: new Date(now().getTime() + delayMs) } });
  }

  async function ask(payment: PaymentDoc): Promise<void> {
    if (payment.status === 'open') await gateway.look(payment);
    if (payment.status === 'cancelling') await gateway.cancel(payment);
    for (const { key, status } of payment.refunds)
      if (status === 'pending' || status === 'disputed') await gateway.refund(payment, key);
  }

  return { sweep, everyMs: SWEEP_MS, failure: 'Payments could not be looked up; this will be retried' };
}
