import { MongoClient, ObjectId } from 'mongodb';
import { expect } from 'vitest';
import type { StripeEvent } from '../../support/stripe/webhooks.ts';
import type { Session } from '../../support/stripe/books.ts';
import type { ServerToKill, Scene } from './server-to-kill.ts';
import { deliver } from './server-to-kill.ts';
import { commitOf } from './stalling-proxy.ts';

const CREATE = 'POST /v1/checkout/sessions';
const LOOK_UP = 'GET /v1/checkout/sessions/:id';
const EXPIRE = 'POST /v1/checkout/sessions/:id/expire';
const REFUND = 'POST /v1/refunds';
/** Number of requests that meet the fault: enough for all retries until the server is killed. */
const ALWAYS = 1_000;

/** Stalls a server at one point of a booking's payment. Returns a predicate: is the server stalled there? */
export type KillPoint = (server: ServerToKill, scene: Scene) => () => boolean;

/** At a request to the provider: before its effect, or (`reached`) after it, while the server awaits the answer. */
const atProvider =
  (route: string, reached: boolean, about: (server: ServerToKill, scene: Scene) => string): KillPoint =>
  (server, scene) => {
    const { stripe } = server;
    const what = about(server, scene);
    stripe.plan(route, { kind: 'silence', reached }, ALWAYS, what);
    return () => stripe.requests.some((one) => one.route === route && (one.url + one.body).includes(what));
  };

/** At a packet to the database: before its arrival, or after it, while the server awaits the answer. */
const atDatabase =
  (
    what: 'request' | 'answer',
    fitsOf: (server: ServerToKill, scene: Scene) => (packet: Buffer) => boolean,
  ): KillPoint =>
  (server, scene) => {
    const { proxy } = server;
    proxy.plan({ name: scene.bookingId, what, fits: fitsOf(server, scene) });
    return () => proxy.stalled.has(scene.bookingId);
  };

const bookingOf = (_: ServerToKill, { bookingId }: Scene) => bookingId;
const sessionIdOf = (server: ServerToKill, scene: Scene) => sessionOf(server, scene).id;
const chargeOf = (server: ServerToKill, scene: Scene) => sessionOf(server, scene).payment_intent ?? '';

/** The Stripe session of the scene's checkout. */
export function sessionOf({ stripe }: ServerToKill, { bookingId }: Scene): Session {
  const of = ({ metadata }: Session) => metadata['bookingId'] === bookingId;
  return [...stripe.books.sessions.values()].find(of) ?? expect.fail(`The provider knows nothing of ${bookingId}`);
}

/** The webhook event about the scene's payment. */
export function paidEventOf(server: ServerToKill, scene: Scene): StripeEvent {
  const { id } = sessionOf(server, scene);
  const event = server.stripe.webhooks.of('checkout.session.completed').find(({ body }) => body.includes(id));
  return event ?? expect.fail(`The provider has sent no event about ${id}`);
}

const storesReference = (server: ServerToKill, { bookingId }: Scene) => {
  const { sessions } = server.stripe.books;
  return (packet: Buffer) => {
    const made = [...sessions.values()].find(({ metadata }) => metadata['bookingId'] === bookingId);
    return made !== undefined && packet.includes('payments') && packet.includes(made.id);
  };
};

const aboutWebhook = (command: string) => (server: ServerToKill, scene: Scene) => {
  const id = `stripe:${paidEventOf(server, scene).id}`;
  return (packet: Buffer) => packet.includes(`${command}\0`) && packet.includes('webhooks') && packet.includes(id);
};

/** The commit whose ledger entry has the booking, or its payment, in this state. */
const commits =
  (state: string) =>
  (_: ServerToKill, { bookingId }: Scene) => {
    const id = Buffer.from(bookingId, 'hex');
    return commitOf((packet) => packet.includes('ledger') && packet.includes(id) && packet.includes(`${state}\0`));
  };

/** The steps of a payment: rows of the table of kill points. */
export type PaymentStep = 'opens' | 'settles' | 'expires' | 'expires, paid' | 'refunds';

/** Every point between a payment decision and its effect at which the server is killed, by payment step. */
export const KILL_POINTS: Record<PaymentStep, Record<string, KillPoint>> = {
  opens: {
    'the attempt is stored, the provider has no request': atProvider(CREATE, false, bookingOf),
    'the provider has opened the checkout, the server has no answer': atProvider(CREATE, true, bookingOf),
    'the checkout address is stored, the buyer has no answer': atDatabase('answer', storesReference),
  },
  settles: {
    'the webhook is verified, nothing is read from the database': atDatabase('request', aboutWebhook('find')),
    'the look-up is sent, the provider has no request': atProvider(LOOK_UP, false, sessionIdOf),
    'the provider has answered, the server has no answer': atProvider(LOOK_UP, true, sessionIdOf),
    'the settlement is decided and not committed': atDatabase('request', commits('confirmed')),
    'the settlement is committed, the server has no answer': atDatabase('answer', commits('confirmed')),
    'the settlement is committed, the webhook is not stored': atDatabase('request', aboutWebhook('insert')),
    'the webhook is stored and not answered': atDatabase('answer', aboutWebhook('insert')),
  },
  expires: {
    'the cancellation is requested, the provider has no request': atProvider(EXPIRE, false, sessionIdOf),
    'the provider has ended the checkout, the server has no answer': atProvider(EXPIRE, true, sessionIdOf),
    'the seats are freed and not committed': atDatabase('request', commits('expired')),
    'the seats are freed, the server has no answer': atDatabase('answer', commits('expired')),
  },
  'expires, paid': {
    'the cancellation is requested, the provider has no request': atProvider(EXPIRE, false, sessionIdOf),
    'the provider has refused, the server has no answer': atProvider(EXPIRE, true, sessionIdOf),
    'the provider has reported the payment, the server has no answer': atProvider(LOOK_UP, true, sessionIdOf),
    'the booking is confirmed and not committed': atDatabase('request', commits('confirmed')),
  },
  refunds: {
    'the refund is requested, the provider has no request': atProvider(REFUND, false, chargeOf),
    'the provider has refunded, the server has no answer': atProvider(REFUND, true, chargeOf),
    'the refund outcome is decided and not committed': atDatabase('request', commits('refunded')),
    'the refund outcome is committed, the server has no answer': atDatabase('answer', commits('refunded')),
  },
};

/** Begins each payment step: does what comes before it, sets the kill point, then takes the step. */
export const BEGIN: Record<
  PaymentStep,
  (server: ServerToKill, scene: Scene, killPoint: KillPoint) => Promise<() => boolean>
> = {
  opens(server, scene, killPoint) {
    const isStalled = killPoint(server, scene);
    void scene.buyer.send('checkout', { bookingId: scene.bookingId });
    return Promise.resolve(isStalled);
  },
  async settles(server, scene, killPoint) {
    await open(server, scene);
    server.stripe.books.pay(sessionIdOf(server, scene));
    const isStalled = killPoint(server, scene);
    // The kill closes the connection, so the delivery fails.
    void deliver(server.stripe, paidEventOf(server, scene), server.url).catch(() => undefined);
    return isStalled;
  },
  async expires(server, scene, killPoint) {
    await open(server, scene);
    const isStalled = killPoint(server, scene);
    await endHold(server, scene);
    return isStalled;
  },
  async 'expires, paid'(server, scene, killPoint) {
    await open(server, scene);
    const isStalled = killPoint(server, scene);
    server.stripe.books.pay(sessionIdOf(server, scene));
    await endHold(server, scene);
    return isStalled;
  },
  async refunds(server, scene, killPoint) {
    await open(server, scene);
    server.stripe.books.pay(sessionIdOf(server, scene));
    expect(await deliver(server.stripe, paidEventOf(server, scene), server.url)).toBe(200);
    const isStalled = killPoint(server, scene);
    await scene.buyer.must('cancelBooking', { bookingId: scene.bookingId });
    return isStalled;
  },
};

const open = (_: ServerToKill, { buyer, bookingId }: Scene) => buyer.must('checkout', { bookingId });

/** Ends the hold now. */
async function endHold({ mongoUri }: ServerToKill, { bookingId }: Scene): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const held = { _id: ObjectId.createFromHexString(bookingId), status: 'held' };
  await client
    .db()
    .collection('bookings')
    .updateOne(held, { $set: { holdExpiresAt: new Date() } });
  await client.close();
}
