import { Types } from 'mongoose';
import type { Log } from '#server/log.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ProviderGateway } from '#server/payments/provider-gateway.ts';
import { ProviderRefused } from '#server/payments/provider.ts';
import type { Locale } from '#shared/account.ts';
import type { Checkout, ProviderName } from '#shared/checkout.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Engine } from '../engine/engine.ts';

const RETRY_AFTER_MS = 2_000;

export interface CheckoutsOptions {
  models: Pick<Models, 'bookings' | 'payments' | 'users'>;
  engine: Engine;
  gateway: ProviderGateway;
  /** Who takes money; null: nobody does. */
  provider: ProviderName | null;
  /** The address of the page that shows what became of an attempt. */
  returnUrl: (paymentId: string, locale: Locale) => string;
  log: Log;
}

/** The way of a hold to its payment page. */
export function createCheckouts({ models, engine, gateway, provider, returnUrl, log }: CheckoutsOptions) {
  /** The open checkout of one's own hold, else a new one: recorded in a commit, then opened at the provider. */
  async function checkout({ bookingId }: CommandInput<'checkout'>, actor: string): Promise<Result<Checkout>> {
    const found = await models.bookings.findById(bookingId).lean<BookingDoc>();
    if (!found?.userId.equals(actor)) return refuse('NOT_FOUND');
    if (!provider) return refuse('INVALID_STATE', { details: { payments: null } });
    const { locale, email } = await models.users.findById(actor).orFail().lean<UserDoc>();
    const paymentId = new Types.ObjectId().toHexString();
    const attempt = { paymentId, provider, locale, email, returnUrl: returnUrl(paymentId, locale) };
    const command = { type: 'checkout', bookingId: found._id.toHexString(), actor, ...attempt } as const;
    const { outcome } = await engine.submit(found.eventId.toHexString(), command);
    if (!outcome.ok) return outcome;
    if (!('booking' in outcome) || !outcome.attempt) throw new Error('A checkout was decided without an attempt');
    const { booking } = outcome;
    const expiresAt = 'holdExpiresAt' in booking ? booking.holdExpiresAt : new Date(0);
    return openAtProvider(outcome.attempt.id, expiresAt);
  }

  async function openAtProvider(paymentId: string, expiresAt: Date): Promise<Result<Checkout>> {
    const payment = await models.payments.findById(paymentId).orFail().lean<PaymentDoc>();
    try {
      const { url, status, provider: by } = await gateway.open(payment);
      // Released meanwhile: it is being cancelled, or is so already.
      if (status !== 'open') return refuse('INVALID_STATE', { details: { payment: status } });
      return ok({ url, provider: by, expiresAt: expiresAt.toISOString() });
    } catch (error) {
      log.warn({ paymentId, err: error }, 'A checkout could not be opened');
      if (!(error instanceof ProviderRefused)) return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS });
      await gateway.look(payment);
      return refuse('INVALID_STATE', { details: { payment: 'failed' } });
    }
  }

  /** Before a hold gets another size: ends its open checkout. Answers why it cannot, or null. */
  async function retract({ _id, eventId, payment }: BookingDoc, seats: number): Promise<Refusal | null> {
    if (!payment) return null;
    const command = { type: 'cancelCheckout', bookingId: _id.toHexString(), seats } as const;
    const { outcome } = await engine.submit(eventId.toHexString(), command);
    if (!outcome.ok) return outcome.error;
    if (!('booking' in outcome) || !outcome.attempt) return null;
    const attempt = await models.payments.findById(outcome.attempt.id).orFail().lean<PaymentDoc>();
    return notEnded(await cancelled(attempt));
  }

  async function cancelled(payment: PaymentDoc): Promise<'open' | 'processing' | 'paid' | 'ended' | 'unknown'> {
    try {
      return (await gateway.cancel(payment)).status;
    } catch (error) {
      log.warn({ paymentId: payment._id, err: error }, 'A checkout could not be cancelled for a new party size');
      return 'unknown';
    }
  }

  return { checkout, retract };
}

export type Checkouts = ReturnType<typeof createCheckouts>;

/** What is being paid, or may be, keeps its size. The job that was ordered goes on cancelling it. */
function notEnded(status: 'open' | 'processing' | 'paid' | 'ended' | 'unknown'): Refusal | null {
  if (status === 'ended') return null;
  if (status === 'unknown') return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS }).error;
  return refuse('INVALID_STATE', { details: { payment: status } }).error;
}
