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
import type { ReturnTokens } from './return-token.ts';

/** Whoever reloads the page does not make us ask the provider each time. */
const ASK_EVERY_MS = 2_000;
const MOST_REMEMBERED = 10_000;

export interface ReturnPageOptions {
  models: Pick<Models, 'payments' | 'bookings' | 'events'>;
  gateway: Pick<ProviderGateway, 'look'>;
  tokens: ReturnTokens;
  log: Log;
}

/** What became of an attempt to pay, for whoever comes back from the provider with our signature. */
export function createReturnPage({ models, gateway, tokens, log }: ReturnPageOptions) {
  const asked = new LRUCache<string, CheckoutState['status']>({ max: MOST_REMEMBERED, ttl: ASK_EVERY_MS });

  async function outcomeOf(token: string): Promise<Result<CheckoutOutcome>> {
    const paymentId = tokens.read(token);
    const before = paymentId && (await models.payments.findById(paymentId).lean<PaymentDoc>());
    if (!before) return refuse('NOT_FOUND');
    // The buyer is back before the webhook: the provider knows already.
    const state = before.status === 'open' ? await ask(before) : null;
    const payment = await models.payments.findById(before._id).orFail().lean<PaymentDoc>();
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
      outcome: outcome(payment, booking, state),
    });
  }

  async function ask(payment: PaymentDoc): Promise<CheckoutState['status'] | null> {
    const key = payment._id.toHexString();
    const known = asked.get(key);
    if (known) return known;
    try {
      // Before the answer: others who ask meanwhile are not the second to ask.
      asked.set(key, 'processing');
      const { status } = await gateway.look(payment);
      asked.set(key, status);
      return status;
    } catch (error) {
      log.warn({ paymentId: key, err: error }, 'The provider could not say what became of a checkout');
      return null;
    }
  }

  return { outcomeOf };
}

export type ReturnPage = ReturnType<typeof createReturnPage>;

function outcome(
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
  const back = refunds.every((refund) => refund.status === 'done');
  if (bought) return back ? 'refunded' : 'refunding';
  const isLate = refunds.at(-1)?.cause === 'late';
  if (isLate) return back ? 'late_refunded' : 'late_refunding';
  return back ? 'unused_refunded' : 'unused_refunding';
}
