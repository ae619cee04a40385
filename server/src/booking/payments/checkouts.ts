import type { Log } from '#server/log.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { CheckoutState } from '#server/payments/provider.ts';
import { AmountTooSmall, ProviderRefused } from '#server/payments/provider.ts';
import type { ProviderGateway } from '#server/payments/provider-gateway.ts';
import type { ReturnAddresses } from '#server/payments/return-address.ts';
import type { Locale } from '#shared/account.ts';
import type { Checkout, ProviderName } from '#shared/checkout.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { HoldChange } from '../rules/state/booking-state.ts';
import { newId } from '../store/new-id.ts';
import { findBooking } from '../store/queries/booking-queries.ts';
import { findOpenPayment, readPayer, readPayment } from '../store/queries/payment-queries.ts';

const RETRY_AFTER_MS = 2_000;

/** The reason that a buyer reads of a hold that was given back because the provider does not take its price. */
const TOO_SMALL: Readonly<Record<Locale, string>> = {
  en: 'The price is too small to be paid by card.',
  de: 'Der Preis ist zu klein für eine Kartenzahlung.',
};

interface CheckoutsOptions {
  models: Pick<Models, 'bookings' | 'payments' | 'users'>;
  engine: Engine;
  gateway: Pick<ProviderGateway, 'open' | 'look' | 'cancel'>;
  /** The provider of new payments; null: this server takes none. */
  provider: ProviderName | null;
  addresses: Pick<ReturnAddresses, 'urlOf'>;
  log: Log;
}

export type Checkouts = ReturnType<typeof createCheckouts>;

/** From a hold to its payment page at the provider. */
export function createCheckouts({ models, engine, gateway, provider, addresses, log }: CheckoutsOptions) {
  /**
   * The open checkout of the caller's own hold, else a new one: recorded in a commit, then opened at the provider.
   * A checkout in another language than `locale` is replaced. Refuses with `NOT_FOUND`, `INVALID_STATE`, a rule's
   * refusal, or `UNAVAILABLE` while the provider does not answer.
   */
  async function checkout(
    { bookingId, locale: read }: CommandInput<'checkout'>,
    actor: string,
  ): Promise<Result<Checkout>> {
    const found = await findBooking(models, bookingId);
    if (!found?.userId.equals(actor)) return refuse('NOT_FOUND');
    if (!provider) return refuse('INVALID_STATE', { details: { payments: null } });
    const { email, ...payer } = await readPayer(models, actor);
    const locale = read ?? payer.locale;
    const error = read === undefined ? null : await replaceOther(found, read);
    if (error) return { ok: false, error };
    const paymentId = newId();
    const attempt = { paymentId, provider, locale, email, returnUrl: addresses.urlOf(paymentId, locale) };
    const command = { type: 'checkout', bookingId: found._id.toHexString(), actor, ...attempt } as const;
    const { outcome } = await engine.submit(found.eventId.toHexString(), command);
    if (!outcome.ok) return outcome;
    if (!('booking' in outcome) || !outcome.attempt) throw new Error('A checkout was decided without an attempt');
    const { booking } = outcome;
    const expiresAt = 'holdExpiresAt' in booking ? booking.holdExpiresAt : new Date(0);
    return openAtProvider(outcome.attempt.id, expiresAt);
  }

  async function openAtProvider(paymentId: string, expiresAt: Date): Promise<Result<Checkout>> {
    const payment = await readPayment(models, paymentId);
    try {
      const { url, status, provider: name } = await gateway.open(payment);
      // The hold was released meanwhile, so its checkout is being cancelled or is cancelled already.
      if (status !== 'open') return refuse('INVALID_STATE', { details: { payment: status } });
      return ok({ url, provider: name, expiresAt: expiresAt.toISOString() });
    } catch (error) {
      log.warn({ paymentId, err: error }, 'A checkout could not be opened');
      if (!(error instanceof ProviderRefused)) return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS });
      await gateway.look(payment);
      if (!(error instanceof AmountTooSmall)) return refuse('INVALID_STATE', { details: { payment: 'failed' } });
      await releaseUnpayable(payment);
      return refuse('INVALID_STATE', { details: { payment: 'failed', reason: 'amount_too_small' } });
    }
  }

  /** Gives back a hold that cannot be paid for: no later try would be taken either, and others want its seats. */
  async function releaseUnpayable({ bookingId, eventId, terms }: PaymentDoc): Promise<void> {
    const ids = { bookingId: bookingId.toHexString(), actor: 'system', requestId: null } as const;
    const reason = TOO_SMALL[terms.locale];
    const { outcome } = await engine.submit(eventId.toHexString(), {
      type: 'cancel',
      by: 'organiser',
      seats: null,
      reason,
      ...ids,
    });
    if (!outcome.ok)
      log.warn({ ...ids, code: outcome.error.code }, 'A hold that cannot be paid for stays until its end');
  }

  /** Ends a hold's open checkout if its page is in another language; resolves with a refusal if it cannot, else null. */
  async function replaceOther(booking: BookingDoc, locale: Locale): Promise<Refusal | null> {
    const open = booking.payment ? await findOpenPayment(models, booking._id) : null;
    return open === null || open.terms.locale === locale ? null : retract(booking, null);
  }

  /**
   * Ends a hold's open checkout before its tickets change (null: they stay); resolves with a refusal if it cannot, else
   * null.
   */
  async function retract({ _id, eventId, payment }: BookingDoc, change: HoldChange | null): Promise<Refusal | null> {
    if (!payment) return null;
    const command = { type: 'cancelCheckout', bookingId: _id.toHexString(), change } as const;
    const { outcome } = await engine.submit(eventId.toHexString(), command);
    if (!outcome.ok) return outcome.error;
    if (!('booking' in outcome) || !outcome.attempt) return null;
    return changeRefusal(await cancelAtProvider(await readPayment(models, outcome.attempt.id)));
  }

  async function cancelAtProvider(payment: PaymentDoc): Promise<CheckoutState['status'] | 'unknown'> {
    try {
      return (await gateway.cancel(payment)).status;
    } catch (error) {
      log.warn({ paymentId: payment._id, err: error }, 'A checkout could not be cancelled for other tickets');
      return 'unknown';
    }
  }

  return { checkout, retract };
}

/** A hold that is being paid, or may be, keeps its tickets. Its `cancel-checkout` job goes on cancelling. */
function changeRefusal(status: CheckoutState['status'] | 'unknown'): Refusal | null {
  if (status === 'ended') return null;
  if (status === 'unknown') return refuse('UNAVAILABLE', { retryAfterMs: RETRY_AFTER_MS }).error;
  return refuse('INVALID_STATE', { details: { payment: status } }).error;
}
