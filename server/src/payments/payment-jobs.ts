import { z } from 'zod';
import { JobWaits } from '#server/jobs/job-waits.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ProviderGateway } from './provider-gateway.ts';

interface PaymentJobsOptions {
  models: Pick<Models, 'payments'>;
  gateway: Pick<ProviderGateway, 'cancel' | 'refund'>;
}

const checkoutPayload = z.object({ paymentId: z.string() });
const refundPayload = z.object({ paymentId: z.string(), refundKey: z.string(), tries: z.int() });

/** The handlers of the jobs that an event's queue adds for payments, by kind. Each may run again after a crash. */
export function createPaymentJobs({ models, gateway }: PaymentJobsOptions) {
  const readPayment = (paymentId: string) => models.payments.findById(paymentId).orFail().lean<PaymentDoc>();

  const cancelCheckout: JobHandler = async (payload) => {
    const payment = await readPayment(checkoutPayload.parse(payload).paymentId);
    if (payment.status !== 'cancelling') return;
    const { status } = await gateway.cancel(payment);
    if (status === 'open' || status === 'processing') throw new JobWaits(`The checkout is still ${status}`);
  };

  /** A refund that is pending at the provider completes the job: a webhook or the poller reports its end. */
  const refund: JobHandler = async (payload) => {
    const { paymentId, refundKey } = refundPayload.parse(payload);
    await gateway.refund(await readPayment(paymentId), refundKey);
  };

  return { 'cancel-checkout': cancelCheckout, refund } satisfies Record<string, JobHandler>;
}
