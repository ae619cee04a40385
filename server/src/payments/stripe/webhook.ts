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
  return { id, at: new Date(created * 1000), key, ...NOTHING, ...subjectOf(event.type)(data.object, key !== null) };
}

const NOTHING = { kind: 'other', reference: null, charge: null } as const;

type Subject = (object: StripeEvent['data']['object'], isOurs: boolean) => Partial<ProviderEvent>;

const ofSession: Subject = ({ id }, isOurs) => (isOurs ? { kind: 'changed', reference: id } : NOTHING);
const ofRefund: Subject = (object, isOurs) => (isOurs ? { kind: 'refund', reference: object.id } : reversalOf(object));

/** `isOurs`: the object has a key of this server. The account may serve other shops too, whose objects have none. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  'checkout.session.completed': ofSession,
  'checkout.session.async_payment_succeeded': ofSession,
  'checkout.session.async_payment_failed': ofSession,
  'checkout.session.expired': ofSession,
  'payment_intent.payment_failed': (_object, isOurs) => (isOurs ? { kind: 'declined' } : NOTHING),
  'refund.created': ofRefund,
  'refund.updated': ofRefund,
  'refund.failed': ofRefund,
  // A charge carries the key of its checkout, and does not name the refund that changed.
  'charge.refunded': reversalOf,
  'charge.dispute.created': reversalOf,
  'charge.dispute.updated': reversalOf,
  'charge.dispute.closed': reversalOf,
  'charge.dispute.funds_withdrawn': reversalOf,
  'charge.dispute.funds_reinstated': reversalOf,
};

function subjectOf(type: string): Subject {
  return (Object.hasOwn(SUBJECTS, type) && SUBJECTS[type]) || (() => NOTHING);
}

/** The types of events that a webhook has to send. */
export const WEBHOOK_EVENTS: readonly string[] = Object.keys(SUBJECTS);

/** A refund by hand or a dispute has no key; the payment that it is about is found by the charge. */
function reversalOf({ payment_intent: charge }: StripeEvent['data']['object']): Partial<ProviderEvent> {
  return charge ? { kind: 'reversal', charge } : NOTHING;
}
