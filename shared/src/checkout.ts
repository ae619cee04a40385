import { z } from 'zod';
import { id, limit, singleLine, money, page, requestId, time } from './protocol/primitives.ts';

export const providerName = z.enum(['demo', 'stripe']);
export type ProviderName = z.infer<typeof providerName>;

export const checkoutInput = z.strictObject({ bookingId: id });

/** Where a hold is paid for. `expiresAt`: the end of the hold; after it nothing is confirmed without free seats. */
export const checkout = z.object({ url: z.string(), provider: providerName, expiresAt: time });
export type Checkout = z.infer<typeof checkout>;

/** Why money goes back: `late` came when its seats were gone, `double` for a booking that was paid already. */
export const refundCause = z.enum(['cancelled', 'event', 'organiser', 'late', 'double', 'mismatch']);
export type RefundCause = z.infer<typeof refundCause>;

/** `amount` in minor units of what was paid; the seats stay. */
export const refundBookingInput = z.strictObject({
  requestId,
  bookingId: id,
  amount: z.int().min(1),
  reason: singleLine(500),
});

/**
 * What became of an attempt to pay, for the page that the provider sends the buyer back to. `open`: nothing was paid
 * yet and the seats are still held; `checking`: it is not known yet, ask again; `declined` and `abandoned`: no money
 * was taken and the seats are free again (`declined` also while they are held); `late_*`: the money came after the
 * seats were gone; `unused_*`: it buys nothing for another reason (paid twice, cancelled meanwhile, another amount);
 * `refunding` and `refunded`: bought, and given back since.
 */
export const checkoutOutcome = z.object({
  bookingId: id,
  eventId: id,
  title: z.string(),
  /** The venue's, for `heldUntil`. */
  timeZone: z.string(),
  seats: z.int(),
  /** What was asked for, or what came instead and goes back. */
  total: money,
  /** Until when the seats are held; `null` once they are not. */
  heldUntil: time.nullable(),
  outcome: z.enum([
    'open',
    'checking',
    'confirmed',
    'declined',
    'abandoned',
    'late_refunding',
    'late_refunded',
    'unused_refunding',
    'unused_refunded',
    'refunding',
    'refunded',
  ]),
});
export type CheckoutOutcome = z.infer<typeof checkoutOutcome>;

/** `GET /api/checkouts/outcome?token=`; the token is in the address of the page that the provider returns to. */
export const checkoutOutcomeInput = z.strictObject({ token: z.string().min(1).max(200) });

/**
 * Money that a person has to look at. `refund`: could not be given back; `cancel`: the provider does not say whether a
 * checkout is over; `mismatch`: another amount came than was asked for, and nothing was confirmed by it.
 */
export const paymentIssue = z.object({
  kind: z.enum(['refund', 'cancel', 'mismatch']),
  paymentId: id,
  /** Which of the payment's refunds; `null` where it is not about one. */
  refundKey: z.string().nullable(),
  bookingId: id,
  code: z.string(),
  eventId: id,
  title: z.string(),
  provider: providerName,
  amount: z.int(),
  currency: z.string(),
  /** What the provider said last, in its own words. */
  error: z.string().nullable(),
  since: time,
});
export type PaymentIssue = z.infer<typeof paymentIssue>;

export const listPaymentIssuesInput = z.strictObject({ eventId: id.optional(), page, limit });
export const paymentIssuePage = z.object({
  troubles: z.array(paymentIssue),
  page: z.int(),
  limit: z.int(),
  total: z.int(),
});

/** Tries a refund again, or gives back what came instead of the right amount (`refundKey: null`). */
export const retryPaymentInput = z.strictObject({ paymentId: id, refundKey: z.string().max(100).nullable() });
