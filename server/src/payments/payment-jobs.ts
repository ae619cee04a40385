import { z } from 'zod';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ProviderGateway } from './provider-gateway.ts';

const about = z.object({ paymentId: z.string() });
const aboutRefund = z.object({ paymentId: z.string(), refundKey: z.string(), tries: z.int() });

/** The jobs that events' queues order about money, by kind. Each may run again after it was cut off anywhere. */
export function createPaymentJobs({ models, gateway }: { models: Pick<Models, 'payments'>; gateway: ProviderGateway }) {
  const read = (paymentId: string) => models.payments.findById(paymentId).orFail().lean<PaymentDoc>();

  const cancelCheckout: JobHandler = async (payload) => {
    const payment = await read(about.parse(payload).paymentId);
    if (payment.status !== 'cancelling') return;
    const { status } = await gateway.cancel(payment);
    if (status === 'open' || status === 'processing') throw new Error(`The checkout is still ${status}`);
  };

  /** One that is under way at the provider is done for this job: its end comes by a webhook, or the poller finds it. */
  const refund: JobHandler = async (payload) => {
    const { paymentId, refundKey } = aboutRefund.parse(payload);
    await gateway.refund(await read(paymentId), refundKey);
  };

  return { 'cancel-checkout': cancelCheckout, refund } satisfies Record<string, JobHandler>;
}
