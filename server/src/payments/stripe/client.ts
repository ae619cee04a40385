import Stripe from 'stripe';

/**
 * The version of Stripe's API that every request names, so that a change of the account's default changes nothing here.
 * It is not the SDK's default: see docs/decisions/12-stripe-requests.md.
 */
const API_VERSION: string = '2026-08-26.dahlia';

/** Two attempts and the delay between them stay below the eight seconds after which `withTimeout` gives up. */
const TIMEOUT_MS = 3500;
const RETRIES = 1;

export interface StripeSettings {
  secretKey: string;
  /** The origin that replaces Stripe's own; null: Stripe's own. */
  apiBase: string | null;
  timeoutMs?: number;
}

/** Stripe's SDK with a timeout, one retry (further retries are jobs), and without telemetry. */
export function createStripeClient({ secretKey, apiBase, timeoutMs = TIMEOUT_MS }: StripeSettings): Stripe {
  return new Stripe(secretKey, {
    // The SDK's type allows its own version only.
    apiVersion: API_VERSION as Stripe.LatestApiVersion,
    timeout: timeoutMs,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    ...(apiBase === null ? {} : addressOf(new URL(apiBase))),
  });
}

function addressOf({ protocol, hostname, port }: URL): Pick<Stripe.StripeConfig, 'protocol' | 'host' | 'port'> {
  const secure = protocol === 'https:';
  // Brackets around an IPv6 address belong to the URL only.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { protocol: secure ? 'https' : 'http', host, port: port || (secure ? 443 : 80) };
}
