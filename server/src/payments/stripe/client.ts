import Stripe from 'stripe';

/**
 * The version of Stripe's interface that every request names, so that a change of the account's default changes nothing
 * here. Not the SDK's own: see docs/decisions/12-stripe-requests.md.
 */
export const API_VERSION: string = '2026-08-26.dahlia';

/** With one retry and the pause before it this stays below the eight seconds that anybody waits for a provider. */
const TIMEOUT_MS = 3500;
const RETRIES = 1;

export interface StripeSettings {
  secretKey: string;
  /** Another host than Stripe's own, as an origin. */
  apiBase: string | null;
  timeoutMs?: number;
}

/** Stripe's SDK, set up: bounded in time, few retries of its own (ours are jobs), nothing reported about the machine. */
export function createStripeClient({ secretKey, apiBase, timeoutMs = TIMEOUT_MS }: StripeSettings): Stripe {
  return new Stripe(secretKey, {
    // The type allows the SDK's own version only.
    apiVersion: API_VERSION as Stripe.LatestApiVersion,
    timeout: timeoutMs,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    ...(apiBase === null ? {} : addressOf(new URL(apiBase))),
  });
}

function addressOf({ protocol, hostname, port }: URL): Pick<Stripe.StripeConfig, 'protocol' | 'host' | 'port'> {
  const secure = protocol === 'https:';
  // An IPv6 address is in brackets in a URL only.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { protocol: secure ? 'https' : 'http', host, port: port || (secure ? 443 : 80) };
}
