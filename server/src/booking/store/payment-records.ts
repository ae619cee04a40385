import { Types } from 'mongoose';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { Attempt } from '../rules/payments/attempt.ts';
import { refundRequestKey } from '../rules/payments/attempt.ts';

const { ObjectId } = Types;

/** How soon the poller asks for something new; it asks more rarely the longer nothing happens. */
export const FIRST_POLL_AFTER_MS = 20_000;

/** An attempt to pay as the rules see it. */
export function toAttempt(doc: PaymentDoc): Attempt {
  const { version, attempt, provider, seats, terms, status, cancellingSince, declined, extended } = doc;
  const { charge, paid, paidAt, bought, mismatch, refunds, createdAt } = doc;
  return {
    ...{ version, attempt, provider, seats, terms, status, cancellingSince, declined, extended },
    ...{ charge, paid, paidAt, bought, mismatch, refunds, createdAt },
    id: doc._id.toHexString(),
    declinedAt: doc.declinedAt ?? null,
    bookingId: doc.bookingId.toHexString(),
    userId: doc.userId.toHexString(),
    amount: { amount: doc.amount, currency: doc.currency },
  };
}

/** The whole document of a new attempt, which no provider knows yet. */
export function toPaymentDoc(attempt: Attempt, eventId: Types.ObjectId, at: Date): PaymentDoc {
  const { amount, currency } = attempt.amount;
  return {
    ...changedPaymentFields(attempt, at),
    _id: ObjectId.createFromHexString(attempt.id),
    bookingId: ObjectId.createFromHexString(attempt.bookingId),
    eventId,
    userId: ObjectId.createFromHexString(attempt.userId),
    attempt: attempt.attempt,
    provider: attempt.provider,
    ...{ amount, currency, seats: attempt.seats, terms: attempt.terms },
    ...{ reference: null, url: null, createdAt: at },
  };
}

/** What the rules decide of an attempt; the provider's own names for it are written where it has answered. */
export function changedPaymentFields(attempt: Attempt, at: Date) {
  const { version, status, cancellingSince, declined, declinedAt, extended } = attempt;
  const { charge, paid, paidAt, bought, mismatch } = attempt;
  const asked = attempt.refunds.flatMap(({ actor, requestId }) =>
    requestId ? [refundRequestKey(actor, requestId)] : [],
  );
  return {
    ...{ version, status, cancellingSince, declined, declinedAt, extended, charge, paid, paidAt, bought, mismatch },
    refunds: [...attempt.refunds],
    ...(asked.length > 0 && { refundRequests: asked }),
    lookAt: isAwaited(attempt) ? new Date(at.getTime() + FIRST_POLL_AFTER_MS) : null,
    updatedAt: at,
  };
}

function isAwaited({ status, refunds }: Attempt): boolean {
  return status === 'open' || status === 'cancelling' || refunds.some((refund) => refund.status === 'pending');
}
