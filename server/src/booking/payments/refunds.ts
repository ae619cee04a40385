import type { Now } from '#server/clock.ts';
import type { BookingDoc } from '#server/models/booking.ts';
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
import { listPaymentIssues } from './issues.ts';

export interface RefundsOptions {
  models: Pick<Models, 'bookings' | 'payments' | 'jobs' | 'events'>;
  engine: Engine;
  /** A booking as its command answers it. */
  reply: (settled: CommandResult) => Result<Booking>;
  /** There is a job to be done again. */
  wake(): void;
  now: Now;
}

/** What organisers do about money: give part of it back, see what is stuck, and try that again. */
export function createRefunds({ models, engine, reply, wake, now }: RefundsOptions) {
  async function refundBooking(input: CommandInput<'refundBooking'>, actor: string): Promise<Result<Booking>> {
    const { requestId, amount, reason } = input;
    const found = await models.bookings.findById(input.bookingId).lean<BookingDoc>();
    if (!found) return (await wasUsed(actor, requestId)) ? refuse('REQUEST_ID_REUSED') : refuse('NOT_FOUND');
    const bookingId = found._id.toHexString();
    const command = { type: 'refundPart', bookingId, actor, requestId, amount, reason } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** A booking that does not exist has no queue, which would know what a request has made before. */
  async function wasUsed(actor: string, requestId: string): Promise<boolean> {
    return (await models.payments.exists({ refundRequests: refundRequestKey(actor, requestId) })) !== null;
  }

  /** A job that has given up begins anew; what the provider has refused is ordered anew, under another key. */
  async function retry(
    { paymentId, refundKey }: CommandInput<'retryPayment'>,
    actor: string,
  ): Promise<Result<CommandData<'retryPayment'>>> {
    const payment = await models.payments.findById(paymentId).lean<PaymentDoc>();
    if (!payment) return refuse('NOT_FOUND');
    if (refundKey !== null || payment.mismatch) {
      const about = { bookingId: payment.bookingId.toHexString(), paymentId: payment._id.toHexString() };
      const command = { type: 'refundAgain', ...about, refundKey, actor } as const;
      const { outcome } = await engine.submit(payment.eventId.toHexString(), command);
      if (!outcome.ok) return outcome;
    }
    await beginAnew(payment, refundKey);
    return ok({});
  }

  async function beginAnew({ _id, refunds }: PaymentDoc, refundKey: string | null): Promise<void> {
    const refund = refunds.find(({ key }) => key === refundKey);
    const key = refund ? `${REFUND_JOB}:${refund.key}:${refund.tries}` : `${CANCEL_CHECKOUT_JOB}:${_id.toHexString()}`;
    const fresh = { state: 'waiting', attempts: 0, nextAt: now(), lastError: null, doneAt: null } as const;
    await models.jobs.updateOne({ key, state: 'failed' }, { $set: fresh });
    wake();
  }

  return {
    refundBooking,
    retry,
    listPaymentIssues: async (input: CommandInput<'listPaymentTroubles'>) => ok(await listPaymentIssues(models, input)),
  };
}

export type Refunds = ReturnType<typeof createRefunds>;
