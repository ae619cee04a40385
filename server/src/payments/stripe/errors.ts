import Stripe from 'stripe';

const { StripeError, StripeIdempotencyError, StripeInvalidRequestError, StripePermissionError } = Stripe.errors;

/** Codes of requests that Stripe calls invalid although they may succeed later, for example once the balance is refilled. */
const PASSING_CODES: ReadonlySet<string> = new Set(['balance_insufficient', 'lock_timeout', 'rate_limit']);

/** Whether Stripe rejects the request itself, so that a retry cannot succeed. */
export function isRefusal(error: unknown): error is Stripe.errors.StripeError {
  if (error instanceof StripeIdempotencyError) return true;
  return error instanceof StripeInvalidRequestError && !PASSING_CODES.has(error.code ?? '');
}

/**
 * Whether the key's first request failed at Stripe and the failure was replayed: Stripe stores failures too, so that the
 * key stays unusable for a day. https://docs.stripe.com/api/idempotent_requests
 */
export function isDeadKey(error: unknown): error is Stripe.errors.StripeError {
  if (!(error instanceof Stripe.errors.StripeAPIError)) return false;
  const replayed = (error.headers as Record<string, string> | undefined)?.['idempotent-replayed'];
  return (error.statusCode ?? 0) >= 500 && replayed === 'true';
}

/** Whether Stripe, or the way to it, caused the error. */
export function isStripeError(error: unknown): error is Stripe.errors.StripeError {
  return error instanceof StripeError;
}

/** Whether a restricted key lacks the right to a request. */
export function isPermissionMissing(error: unknown): boolean {
  return error instanceof StripePermissionError;
}

/** "amount_too_small: The Checkout Session's total amount must …": for the log and for organisers. */
export function reasonOf({ code, message }: Stripe.errors.StripeError): string {
  return code === undefined ? message : `${code}: ${message}`;
}
