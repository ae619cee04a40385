import type { StripeSettings } from './client.ts';
import { createStripeClient } from './client.ts';
import { isPermissionMissing, reasonOf, isStripeError } from './errors.ts';

/** An address that Stripe sends webhooks to. */
interface WebhookEndpoint {
  url: string;
  isEnabled: boolean;
  /** Types of events; `*` stands for all. */
  events: readonly string[];
}

/** What Stripe says about a key. */
export interface StripeExamination {
  /** Why the key cannot open checkouts; null if it can. */
  keyFailure: string | null;
  /** Null if this key may not read them. */
  endpoints: readonly WebhookEndpoint[] | null;
}

/** Asks Stripe whether the key works, and where its webhooks go. Changes nothing, and never throws Stripe's errors. */
export async function examineStripe(settings: StripeSettings): Promise<StripeExamination> {
  const stripe = createStripeClient(settings);
  try {
    await stripe.checkout.sessions.list({ limit: 1 });
  } catch (error) {
    if (!isStripeError(error)) throw error;
    return { keyFailure: reasonOf(error), endpoints: null };
  }
  try {
    const endpoints: WebhookEndpoint[] = [];
    for await (const { url, status, enabled_events: events } of stripe.webhookEndpoints.list({ limit: 100 }))
      endpoints.push({ url, isEnabled: status === 'enabled', events });
    return { keyFailure: null, endpoints };
  } catch (error) {
    if (isPermissionMissing(error)) return { keyFailure: null, endpoints: null };
    if (!isStripeError(error)) throw error;
    return { keyFailure: reasonOf(error), endpoints: null };
  }
}
