import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ProviderGateway } from './provider-gateway.ts';

const SWEEP_MS = 2_000;
/** While more are due than one sweep takes. */
const MIN_PAUSE_MS = 50;
const MOST_AT_A_SWEEP = 500;
const AT_ONCE = 8;
/** How often an open checkout is asked about: a webhook that never comes is made up for within a minute. */
const LOOK_EVERY_MS = 20_000;
/** What nobody waits for with seats in hand is asked about more and more rarely. */
const LONGEST_MS = 600_000;

export interface PollerOptions {
  models: Pick<Models, 'payments'>;
  gateway: ProviderGateway;
  /** Of all processes on the database only one asks. */
  lease: { hold(): Promise<boolean> };
  now: Now;
  log: Log;
}

/** Asks the providers about everything that is awaited, for webhooks get lost and servers die in between. */
export function createPoller({ models, gateway, lease, now, log }: PollerOptions) {
  /** Asks about what is due; answers how long to wait for the next time, in milliseconds. */
  async function sweep(): Promise<number> {
    if (!(await lease.hold())) return SWEEP_MS;
    const due = await models.payments
      .find({ lookAt: { $lte: now(), $type: 'date' } })
      .sort({ lookAt: 1 })
      .limit(MOST_AT_A_SWEEP)
      .lean<PaymentDoc[]>();
    const queue = [...due];
    await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue)));
    return due.length === MOST_AT_A_SWEEP ? MIN_PAUSE_MS : SWEEP_MS;
  }

  async function work(queue: PaymentDoc[]): Promise<void> {
    for (let payment = queue.shift(); payment; payment = queue.shift()) {
      try {
        await putOff(payment);
        await ask(payment);
      } catch (error) {
        log.warn({ paymentId: payment._id, err: error }, 'A payment could not be looked up and will be again');
      }
    }
  }

  /** Before it is asked about: one that makes trouble waits its turn like all the others. */
  async function putOff({ _id, lookAt, status, updatedAt }: PaymentDoc): Promise<void> {
    const ageMs = now().getTime() - updatedAt.getTime();
    const waitMs = status === 'open' ? LOOK_EVERY_MS : Math.min(LONGEST_MS, Math.max(LOOK_EVERY_MS, ageMs / 2));
    await models.payments.updateOne({ _id, lookAt }, { $set: { lookAt: new Date(now().getTime() + waitMs) } });
  }

  async function ask(payment: PaymentDoc): Promise<void> {
    if (payment.status === 'open') await gateway.look(payment);
    if (payment.status === 'cancelling') await gateway.cancel(payment);
    for (const { key, status } of payment.refunds) if (status === 'pending') await gateway.refund(payment, key);
  }

  return { sweep };
}

export type Poller = ReturnType<typeof createPoller>;
