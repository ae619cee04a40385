import { z } from 'zod';
import { locale } from './account.ts';
import type { Money } from './protocol/primitives.ts';
import { id, limit, singleLine, page, requestId, time } from './protocol/primitives.ts';

/** The payment providers by name. */
export const providerName = z.enum(['demo', 'stripe']);
export type ProviderName = z.infer<typeof providerName>;

/** `locale`: the language of the page before the payment; without it the payment page has the account's. */
export const checkoutInput = z.strictObject({ bookingId: id, locale: locale.optional() });

/** The page on which a hold is paid for. `expiresAt`: the end of the hold; a later payment needs free seats. */
export const checkout = z.object({ url: z.string(), provider: providerName, expiresAt: time });
export type Checkout = z.infer<typeof checkout>;

/**
 * Tickets of one type and price, as the buyer reads them on the payment page. `amount` is what one costs, `discount` what
 * the voucher took off each (absent: nothing), both in minor units.
 */
export interface CheckoutLine {
  name: string;
  count: number;
  amount: number;
  discount?: number;
}

/**
 * Why a payment is refunded. `late`: it came when its seats were gone; `double`: its booking was paid already; `event`:
 * the event was cancelled; `organiser`: an organiser refunded part of it; `mismatch`: another amount than asked for;
 * `closed`: the buyer's account was closed; `provider`: refunded at the provider by hand; `dispute`: the buyer's bank took
 * it back.
 */
export type RefundCause =
  'cancelled' | 'event' | 'organiser' | 'late' | 'double' | 'mismatch' | 'closed' | 'provider' | 'dispute';

/** Whether money went back without a decision here. */
export function isReversal({ cause }: { cause: RefundCause }): boolean {
  return cause === 'provider' || cause === 'dispute';
}

/** Refunds part of a payment; the booking keeps its seats. `amount` is in minor units of the payment's currency. */
export const refundBookingInput = z.strictObject({
  requestId,
  bookingId: id,
  amount: z.int().min(1),
  reason: singleLine(500),
});

/**
 * The outcome of an attempt to pay, for the page to which the provider sends the buyer back. `open`: unpaid, and the
 * seats are still held; `checking`: not known yet, ask again; `declined` and `abandoned`: unpaid, and the seats are
 * free again (`declined` also while they are held); `late_*`: paid after the seats were gone; `unused_*`: paid without
 * a use for another reason (paid twice, cancelled meanwhile, another amount); `refunding` and `refunded`: bought, and
 * refunded since.
 */
export interface CheckoutOutcome {
  bookingId: string;
  eventId: string;
  title: string;
  /** The venue's IANA name, to show `heldUntil` in. */
  timeZone: string;
  seats: number;
  /** The amount asked for, or the other amount that was paid and is refunded. */
  total: Money;
  /** Until when the seats are held (ISO 8601, UTC); `null` once they are not. */
  heldUntil: string | null;
  outcome:
    | 'open'
    | 'checking'
    | 'confirmed'
    | 'declined'
    | 'abandoned'
    | 'late_refunding'
    | 'late_refunded'
    | 'unused_refunding'
    | 'unused_refunded'
    | 'refunding'
    | 'refunded';
}

/** `GET /api/checkouts/outcome?token=`; the token is in the address to which the provider returns the buyer. */
export const checkoutOutcomeInput = z.strictObject({ token: z.string().min(1).max(200) });

/**
 * A payment that needs a person. `refund`: a refund failed; `cancel`: the provider does not say whether a checkout is
 * over; `mismatch`: another amount than asked for was paid, and confirmed no booking; `reversal`: refunded at the
 * provider by hand, while the booking still admits; `dispute`: the buyer's bank takes the payment back, or may; `price`:
 * the provider refuses the event's price as too small, and the hold was given back. `amount` is in minor units.
 */
const paymentIssue = z.object({
  kind: z.enum(['refund', 'cancel', 'mismatch', 'reversal', 'dispute', 'price']),
  paymentId: id,
  /** The key of the refund among the payment's; `null` where the issue is not about a refund. */
  refundKey: z.string().nullable(),
  bookingId: id,
  code: z.string(),
  eventId: id,
  title: z.string(),
  provider: providerName,
  amount: z.int(),
  currency: z.string(),
  /** The provider's last error message, in its own words. */
  error: z.string().nullable(),
  since: time,
});
export type PaymentIssue = z.infer<typeof paymentIssue>;

/** `listPaymentTroubles`: of one event, or of all. */
export const listPaymentIssuesInput = z.strictObject({ eventId: id.optional(), page, limit });
export const paymentIssuePage = z.object({
  troubles: z.array(paymentIssue),
  page: z.int(),
  limit: z.int(),
  total: z.int(),
});

/** `keepBooking`: the booking stays valid although this reversal took its money; `refundKey`: the one of the issue. */
export const keepBookingInput = z.strictObject({ paymentId: id, refundKey: z.string().max(100) });

/** `retryPayment`: retries a refund, or refunds a payment of another amount (`refundKey: null`). */
export const retryPaymentInput = z.strictObject({ paymentId: id, refundKey: z.string().max(100).nullable() });
