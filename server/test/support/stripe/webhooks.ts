import Stripe from 'stripe';

/** A webhook event. */
export interface StripeEvent {
  id: string;
  type: string;
  created: number;
  /** The exact body of each delivery. */
  body: string;
}

export interface DeliveryOptions {
  /** Secret of the signature. Default: the endpoint's. */
  secret?: string;
  /** Time of the signature. Default: now. */
  signedAt?: Date;
  /** Sent with the signature of this event instead of its own. */
  signatureOf?: StripeEvent;
}

/** The address that events are sent to, and the secret that signs them. */
export interface Endpoint {
  url: string;
  secret: string;
}

/** Records Stripe's webhook events, and delivers each at once (`sendTo`) or when the test calls `deliver`. */
export function createWebhooks({ now }: { now: () => Date }) {
  const events: StripeEvent[] = [];
  let endpoint: Endpoint | null = null;
  let delivering = Promise.resolve<unknown>(undefined);

  function emit(type: string, object: object): void {
    const id = `evt_test_${String(events.length + 1).padStart(6, '0')}`;
    const created = Math.floor(now().getTime() / 1000);
    const event = { id, object: 'event', api_version: '2026-08-26.dahlia', created, livemode: false, type };
    events.push({ id, type, created, body: JSON.stringify({ ...event, data: { object } }, null, 2) });
    // Deliver in order of emission; a test of another order delivers the events itself.
    const one = events.at(-1);
    if (endpoint !== null && one !== undefined) delivering = delivering.then(() => deliver(one)).catch(() => undefined);
  }

  function headersFor(
    { body }: StripeEvent,
    { secret = endpoint?.secret ?? '', signedAt = now() }: DeliveryOptions = {},
  ) {
    const timestamp = Math.floor(signedAt.getTime() / 1000);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
    return { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature };
  }

  /** Sends the event. Returns the HTTP status. */
  async function deliver(event: StripeEvent, options?: DeliveryOptions): Promise<number> {
    if (endpoint === null) throw new Error('There is no webhook endpoint');
    const headers = headersFor(options?.signatureOf ?? event, options);
    const { status } = await fetch(endpoint.url, { method: 'POST', headers, body: event.body });
    return status;
  }

  return {
    events,
    emit,
    headersFor,
    deliver,
    /** The events of this kind, oldest first. */
    of: (type: string) => events.filter((event) => event.type === type),
    /** Delivers each later event at once; null: none. */
    sendTo(next: Endpoint | null): void {
      endpoint = next;
    },
    /** Resolves once all emitted events are delivered. */
    delivered: () => delivering,
  };
}
