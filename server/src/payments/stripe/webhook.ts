import type { IncomingHttpHeaders } from 'node:http';
import Stripe from 'stripe';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { ProviderEvent } from '../provider.ts';

/** How long after its signature an event is believed. Stripe signs each delivery anew, however late the event is. */
const TOLERANCE_S = 300;

/** What is read of an event; all of it is in every version of Stripe's interface. */
const EVENT = z.object({
  id: z.string(),
  type: z.string(),
  created: z.number(),
  data: z.object({
    object: z.object({ id: z.string(), metadata: z.record(z.string(), z.string()).nullish() }),
  }),
});
type Told = z.infer<typeof EVENT>;

/** The event that these bytes prove to be Stripe's, or null where they do not. */
export function verifyWebhook(
  { body, headers }: { body: Buffer; headers: IncomingHttpHeaders },
  { webhookSecret, now }: { webhookSecret: string; now: Now },
): ProviderEvent | null {
  const signature = headers['stripe-signature'];
  if (typeof signature !== 'string') return null;
  const receivedAt = now().getTime();
  try {
    const event = Stripe.webhooks.constructEvent(body, signature, webhookSecret, TOLERANCE_S, undefined, receivedAt);
    return providerEvent(EVENT.parse(event));
  } catch {
    // Signed with another secret, too old, or no event at all: whoever sent it learns no more than that.
    return null;
  }
}

function providerEvent(told: Told): ProviderEvent {
  const { id, created, data } = told;
  const key = data.object.metadata?.['key'] ?? null;
  // The account may serve other shops too; their sessions carry no key of ours.
  const about = key === null ? NOTHING : subjectOf(told);
  return { id, at: new Date(created * 1000), key, ...about };
}

const NOTHING = { kind: 'other', reference: null } as const;

function subjectOf({ type, data: { object } }: Told): Pick<ProviderEvent, 'kind' | 'reference'> {
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
    // A charge carries the key of its checkout, and does not tell which refund changed.
    case 'charge.refunded':
      return { kind: 'changed', reference: null };
    default:
      return NOTHING;
  }
}
