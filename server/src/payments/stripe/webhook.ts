import type { IncomingHttpHeaders } from 'node:http';
import Stripe from 'stripe';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { ProviderEvent } from '../provider.ts';

/** How long a signature is valid. Stripe signs each delivery anew, however late the event is. */
const TOLERANCE_S = 300;

/** The fields that are read of an event; every version of Stripe's API has them. */
const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  created: z.number(),
  data: z.object({
    object: z.object({ id: z.string(), metadata: z.record(z.string(), z.string()).nullish() }),
  }),
});
type StripeEvent = z.infer<typeof eventSchema>;

/** The event of a webhook, or null if the signature does not prove that these bytes are Stripe's. */
export function verifyWebhook(
  { body, headers }: { body: Buffer; headers: IncomingHttpHeaders },
  { webhookSecret, now }: { webhookSecret: string; now: Now },
): ProviderEvent | null {
  const signature = headers['stripe-signature'];
  if (typeof signature !== 'string') return null;
  const receivedAt = now().getTime();
  try {
    const event = Stripe.webhooks.constructEvent(body, signature, webhookSecret, TOLERANCE_S, undefined, receivedAt);
    return providerEvent(eventSchema.parse(event));
  } catch {
    // Signed with another secret, too old, or no event at all: the answer does not say which.
    return null;
  }
}

function providerEvent(event: StripeEvent): ProviderEvent {
  const { id, created, data } = event;
  const key = data.object.metadata?.['key'] ?? null;
  // The account may serve other shops too; their sessions have no key of this server.
  const about = key === null ? NOTHING : subjectOf(event);
  return { id, at: new Date(created * 1000), key, ...about };
}

const NOTHING = { kind: 'other', reference: null } as const;

function subjectOf({ type, data: { object } }: StripeEvent): Pick<ProviderEvent, 'kind' | 'reference'> {
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired':
      return { kind: 'changed', reference: object.id };
    case 'payment_intent.payment_failed':
      return { kind: 'declined', reference: null };
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return { kind: 'refund', reference: object.id };
    // A charge carries the key of its checkout, and does not name the refund that changed.
    case 'charge.refunded':
      return { kind: 'changed', reference: null };
    default:
      return NOTHING;
  }
}
