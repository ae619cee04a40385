import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { CheckoutOutcome } from '#shared/checkout.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { LRUCache } from 'lru-cache';
import type { ProviderGateway } from './provider-gateway.ts';
import type { CheckoutState } from './provider.ts';
import type { ReturnAddresses } from './return-address.ts';

/** How long an answer of the provider serves reloads of the page. */
const ASK_EVERY_MS = 2_000;
const MAX_ANSWERS = 10_000;

interface ReturnPageOptions {
  models: Pick<Models, 'payments' | 'bookings' | 'events'>;
  gateway: Pick<ProviderGateway, 'look'>;
  addresses: Pick<ReturnAddresses, 'paymentOf'>;
  log: Log;
}

/** What the page after a payment shows: the outcome of one payment attempt, to the holder of its return token. */
export function createReturnPage({ models, gateway, addresses, log }: ReturnPageOptions) {
  const answers = new LRUCache<string, CheckoutState['status']>({ max: MAX_ANSWERS, ttl: ASK_EVERY_MS });

  /** `NOT_FOUND` for a text that is not a token of this server. */
  async function outcomeOf(token: string): Promise<Result<CheckoutOutcome>> {
    const paymentId = addresses.paymentOf(token);
    const known = paymentId && (await models.payments.findById(paymentId).lean<PaymentDoc>());
    if (!known) return refuse('NOT_FOUND');
    // The buyer often returns before the webhook comes, and the provider knows the outcome by then.
    const state = known.status === 'open' ? await askProvider(known) : null;
    const payment = await models.payments.findById(known._id).orFail().lean<PaymentDoc>();
    const booking = await models.bookings.findById(payment.bookingId).orFail().lean<BookingDoc>();
    const event = await models.events.findById(payment.eventId).orFail().lean<EventDoc>();
    return ok({
      bookingId: booking._id.toHexString(),
      eventId: event._id.toHexString(),
      title: event.title,
      timeZone: event.timeZone,
      seats: payment.seats,
      total: payment.mismatch && payment.paid ? payment.paid : { amount: payment.amount, currency: payment.currency },
      heldUntil: booking.status === 'held' && !booking.settling ? (booking.holdExpiresAt?.toISOString() ?? null) : null,
      outcome: outcomeOfAttempt(payment, booking, state),
    });
  }

  async function askProvider(payment: PaymentDoc): Promise<CheckoutState['status'] | null> {
    const key = payment._id.toHexString();
    const answered = answers.get(key);
    if (answered) return answered;
    try {
      // Set before the call, so that reloads during the call do not ask the provider again.
      answers.set(key, 'processing');
      const { status } = await gateway.look(payment);
      answers.set(key, status);
      return status;
    } catch (error) {
      log.warn({ paymentId: key, err: error }, 'A checkout could not be looked up for its return page');
      return null;
    }
  }

  return { outcomeOf };
}

export type ReturnPage = ReturnType<typeof createReturnPage>;

function outcomeOfAttempt(
  payment: PaymentDoc,
  booking: Pick<BookingDoc, 'status'>,
  state: CheckoutState['status'] | null,
): CheckoutOutcome['outcome'] {
  switch (payment.status) {
    case 'open':
      return payment.declined ? 'declined' : state === 'open' ? 'open' : 'checking';
    case 'cancelling':
      return 'checking';
    case 'ended':
      return payment.declined ? 'declined' : 'abandoned';
    case 'paid':
      return paidOutcome(payment, booking);
    default:
      return payment.status satisfies never;
  }
}

function paidOutcome({ bought, mismatch, refunds }: PaymentDoc, { status }: Pick<BookingDoc, 'status'>) {
  if (bought && status === 'confirmed') return 'confirmed';
  if (mismatch && refunds.length === 0) return 'checking';
  const back = refunds.every(({ status: state }) => state === 'done' || state === 'void');
  if (bought) return back ? 'refunded' : 'refunding';
  const isLate = refunds.at(-1)?.cause === 'late';
  if (isLate) return back ? 'late_refunded' : 'late_refunding';
  return back ? 'unused_refunded' : 'unused_refunding';
}
