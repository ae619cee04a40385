import type { Now } from '#server/clock.ts';
import { restartFailedJob } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { Booking } from '#shared/booking.ts';
import type { CommandData, CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { CommandResult } from '../rules/command.ts';
import { refundRequestKey } from '../rules/payments/attempt.ts';
import { CANCEL_CHECKOUT_JOB, REFUND_JOB } from '../rules/payments/refund.ts';
import { findBooking } from '../store/queries/booking-queries.ts';
import { findPayment, hasRefundRequest } from '../store/queries/payment-queries.ts';
import { listPaymentIssues } from './issues.ts';

interface RefundsOptions {
  models: Pick<Models, 'bookings' | 'payments' | 'jobs' | 'events'>;
  engine: Engine;
  /** The reply to a command on a booking. */
  reply: (result: CommandResult) => Result<Booking>;
  /** Called after a failed job was restarted. */
  wake(): void;
  now: Now;
}

export type Refunds = ReturnType<typeof createRefunds>;

/** The commands of organisers on payments: refund a part, list payment issues, and retry one. */
export function createRefunds({ models, engine, reply, wake, now }: RefundsOptions) {
  async function refundBooking(input: CommandInput<'refundBooking'>, actor: string): Promise<Result<Booking>> {
    const { requestId, amount, reason } = input;
    const found = await findBooking(models, input.bookingId);
    if (!found) return refuse((await isRequestUsed(actor, requestId)) ? 'REQUEST_ID_REUSED' : 'NOT_FOUND');
    const bookingId = found._id.toHexString();
    const command = { type: 'refundPart', bookingId, actor, requestId, amount, reason } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** A booking that does not exist has no queue, which would know the organiser's earlier requests. */
  function isRequestUsed(actor: string, requestId: string): Promise<boolean> {
    return hasRefundRequest(models, refundRequestKey(actor, requestId));
  }

  /** Restarts the failed job of a payment; a refund that the provider has refused is sent again under a new key. */
  async function retry(
    { paymentId, refundKey }: CommandInput<'retryPayment'>,
    actor: string,
  ): Promise<Result<CommandData<'retryPayment'>>> {
    const payment = await findPayment(models, paymentId);
    if (!payment) return refuse('NOT_FOUND');
    if (refundKey !== null || payment.mismatch) {
      const about = { bookingId: payment.bookingId.toHexString(), paymentId: payment._id.toHexString() };
      const command = { type: 'retryRefund', ...about, refundKey, actor } as const;
      const { outcome } = await engine.submit(payment.eventId.toHexString(), command);
      if (!outcome.ok) return outcome;
    }
    await restartFailedJob(models, jobKeyOf(payment, refundKey), now());
    wake();
    return ok({});
  }

  /** The booking stays valid although its money went back at the provider, or is disputed. */
  async function keepBooking(
    { paymentId, refundKey }: CommandInput<'keepBooking'>,
    actor: string,
  ): Promise<Result<CommandData<'keepBooking'>>> {
    const payment = await findPayment(models, paymentId);
    if (!payment) return refuse('NOT_FOUND');
    const about = { bookingId: payment.bookingId.toHexString(), paymentId: payment._id.toHexString() };
    const command = { type: 'acceptReversal', ...about, refundKey, actor } as const;
    const { outcome } = await engine.submit(payment.eventId.toHexString(), command);
    return outcome.ok ? ok({}) : outcome;
  }

  async function listIssues(input: CommandInput<'listPaymentTroubles'>) {
    return ok(await listPaymentIssues(models, input));
  }

  return { refundBooking, retry, keepBooking, listIssues };
}

/** The key of the job that carries out this refund, or that ends the payment's checkout. */
function jobKeyOf({ _id, refunds }: PaymentDoc, refundKey: string | null): string {
  const refund = refunds.find(({ key }) => key === refundKey);
  return refund ? `${REFUND_JOB}:${refund.key}:${refund.tries}` : `${CANCEL_CHECKOUT_JOB}:${_id.toHexString()}`;
}
