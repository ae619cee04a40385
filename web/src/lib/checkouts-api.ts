import { error } from '@sveltejs/kit';
import type { CheckoutOutcome } from '#shared/checkout.ts';

/**
 * Loads the outcome of the payment attempt of a signed address; null if the token names none. Throws a 503 error if the
 * server cannot answer.
 */
export async function fetchOutcome(fetch: typeof globalThis.fetch, token: string): Promise<CheckoutOutcome | null> {
  if (token === '') return null;
  const response = await fetch(`/api/checkouts/outcome?${new URLSearchParams({ token })}`);
  if (response.status === 404 || response.status === 400) return null;
  if (!response.ok) error(503, 'Service Unavailable');
  return (await response.json()) as CheckoutOutcome;
}
