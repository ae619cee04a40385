import Stripe from 'stripe';

const { StripeIdempotencyError, StripeInvalidRequestError } = Stripe.errors;

/** Requests that Stripe calls invalid, and that may be fine later: money on the account's balance comes back. */
const PASSING_CODES: ReadonlySet<string> = new Set(['balance_insufficient', 'lock_timeout', 'rate_limit']);

/** Stripe says of the request itself that it is wrong, so that repeating it is in vain. */
export function isRefusal(error: unknown): error is Stripe.errors.StripeError {
  if (error instanceof StripeIdempotencyError) return true;
  return error instanceof StripeInvalidRequestError && !PASSING_CODES.has(error.code ?? '');
}

/**
 * The answer to a key's first request, told again, and it was a fault: Stripe keeps those too, so that the key stays
 * dead for a day. https://docs.stripe.com/api/idempotent_requests
 */
export function isDeadKey(error: unknown): error is Stripe.errors.StripeError {
  if (!(error instanceof Stripe.errors.StripeAPIError)) return false;
  const replayed = (error.headers as Record<string, string> | undefined)?.['idempotent-replayed'];
  return (error.statusCode ?? 0) >= 500 && replayed === 'true';
}

/** "amount_too_small: The Checkout Session's total amount must …": for the log and the organiser. */
export function reasonOf({ code, message }: Stripe.errors.StripeError): string {
  return code === undefined ? message : `${code}: ${message}`;
}
