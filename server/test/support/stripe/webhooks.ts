import Stripe from 'stripe';

/** An event as it goes over the wire. */
export interface Told {
  id: string;
  type: string;
  created: number;
  /** The body of each delivery, to the byte. */
  body: string;
}

export interface DeliveryOptions {
  /** Signed with this instead of the endpoint's secret. */
  secret?: string;
  /** Signed at this moment instead of now. */
  signedAt?: Date;
}

/** Where events are sent, and with what secret they are signed. */
export interface Endpoint {
  url: string;
  secret: string;
}

/** What Stripe tells: each event is written down, and delivered when the test says so, as often as it likes. */
export function createWebhooks({ now }: { now: () => Date }) {
  const told: Told[] = [];
  let endpoint: Endpoint | null = null;
  let delivering = Promise.resolve<unknown>(undefined);

  function tell(type: string, object: object): void {
    const id = `evt_test_${String(told.length + 1).padStart(6, '0')}`;
    const created = Math.floor(now().getTime() / 1000);
    const event = { id, object: 'event', api_version: '2026-08-26.dahlia', created, livemode: false, type };
    told.push({ id, type, created, body: JSON.stringify({ ...event, data: { object } }, null, 2) });
    // One after the other, as they happened; a test that wants another order delivers them itself.
    const one = told.at(-1);
    if (endpoint !== null && one !== undefined) delivering = delivering.then(() => deliver(one)).catch(() => undefined);
  }

  function headersFor({ body }: Told, { secret = endpoint?.secret ?? '', signedAt = now() }: DeliveryOptions = {}) {
    const timestamp = Math.floor(signedAt.getTime() / 1000);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
    return { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature };
  }

  /** Sends the event; gives the status it was answered with. */
  async function deliver(event: Told, options?: DeliveryOptions): Promise<number> {
    if (endpoint === null) throw new Error('Nobody listens to webhooks');
    const headers = headersFor(event, options);
    const { status } = await fetch(endpoint.url, { method: 'POST', headers, body: event.body });
    return status;
  }

  return {
    ...{ told, tell, headersFor, deliver },
    /** The events of this kind, oldest first. */
    of: (type: string) => told.filter((event) => event.type === type),
    /** From here on each event is delivered at once; null: none is. */
    sendTo(next: Endpoint | null): void {
      endpoint = next;
    },
    /** Resolves when everything that was told is delivered. */
    delivered: () => delivering,
  };
}
