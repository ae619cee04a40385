import type { Now } from '#server/clock.ts';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentProvider, Providers } from './provider.ts';
import type { ProviderGateway } from './provider-gateway.ts';
import { findUnnoted } from './unnoted-reversals.ts';

const SWEEP_MS = 600_000;
const MINUTE_MS = 60_000;
/** After the start; providers repeat a webhook for as long. */
const FIRST_LOOK_BACK_MS = 3 * 86_400_000;
/** A refund may be listed before its payment is known here. */
const OVERLAP_MS = 60 * MINUTE_MS;

interface ReversalSweepOptions {
  models: Pick<Models, 'payments'>;
  providers: Providers;
  gateway: Pick<ProviderGateway, 'lookAtCharge'>;
  now: Now;
  log: Log;
}

/** Asks the providers for recent refunds and disputes, because a webhook about one made by hand may get lost. */
export function createReversalSweep({ models, providers, gateway, now, log }: ReversalSweepOptions): SweepTask {
  let since: Date | null = null;

  async function sweep(): Promise<number> {
    const at = now().getTime();
    const from = since ?? new Date(at - FIRST_LOOK_BACK_MS);
    let isComplete = true;
    for (const provider of Object.values(providers)) isComplete = (await noteAll(provider, from)) && isComplete;
    if (isComplete) since = new Date(at - OVERLAP_MS);
    return SWEEP_MS;
  }

  /** Resolves with whether all was noted. */
  async function noteAll(provider: PaymentProvider, from: Date): Promise<boolean> {
    let isComplete = true;
    for await (const { payment, reversal } of findUnnoted(models, provider, from)) {
      try {
        await gateway.lookAtCharge(payment);
      } catch (error) {
        isComplete = false;
        const about = { paymentId: payment._id, reference: reversal.reference, err: error };
        log.warn(about, 'A refund or dispute could not be noted; this will be retried');
      }
    }
    return isComplete;
  }

  return { sweep, everyMs: SWEEP_MS, failure: 'Refunds and disputes could not be listed; this will be retried' };
}
