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
    object: z.object({
      id: z.string(),
      metadata: z.record(z.string(), z.string()).nullish(),
      payment_intent: z.string().nullish(),
    }),
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
  return { id, at: new Date(created * 1000), key, ...NOTHING, ...subjectOf(event, key !== null) };
}

const NOTHING = { kind: 'other', reference: null, charge: null } as const;

/** `isOurs`: the object has a key of this server. The account may serve other shops too, whose objects have none. */
function subjectOf({ type, data: { object } }: StripeEvent, isOurs: boolean): Partial<ProviderEvent> {
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired':
      return isOurs ? { kind: 'changed', reference: object.id } : NOTHING;
    case 'payment_intent.payment_failed':
      return isOurs ? { kind: 'declined' } : NOTHING;
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return isOurs ? { kind: 'refund', reference: object.id } : reversalOf(object);
    // A charge carries the key of its checkout, and does not name the refund that changed.
    case 'charge.refunded':
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return reversalOf(object);
    default:
      return NOTHING;
  }
}

/** A refund by hand or a dispute has no key; the payment that it is about is found by the charge. */
function reversalOf({ payment_intent: charge }: StripeEvent['data']['object']): Partial<ProviderEvent> {
  return charge ? { kind: 'reversal', charge } : NOTHING;
}
