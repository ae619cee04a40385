import { MongoClient, ObjectId } from 'mongodb';
import { expect } from 'vitest';
import type { Told } from '../../support/stripe/webhooks.ts';
import type { Session } from '../../support/stripe/books.ts';
import type { Doomed, Scene } from './doomed-server.ts';
import { deliver } from './doomed-server.ts';
import { commitOf } from './wire.ts';

const CREATE = 'POST /v1/checkout/sessions';
const LOOK_UP = 'GET /v1/checkout/sessions/:id';
const EXPIRE = 'POST /v1/checkout/sessions/:id/expire';
const REFUND = 'POST /v1/refunds';
/** Whoever asks again meets it again, until the server is killed. */
const ALWAYS = 1_000;

/** Stops a server at one step of a booking's way; answers how to see whether it stands there. */
export type Stop = (doomed: Doomed, scene: Scene) => () => boolean;

/** At a request to the provider: before it is carried out, or after, when its answer is awaited. */
const atProvider =
  (route: string, reached: boolean, about: (doomed: Doomed, scene: Scene) => string): Stop =>
  (doomed, scene) => {
    const { stripe } = doomed;
    const what = about(doomed, scene);
    stripe.plan(route, { kind: 'silence', reached }, ALWAYS, what);
    return () => stripe.requests.some((one) => one.route === route && (one.url + one.body).includes(what));
  };

/** At a packet to the database: before it is there, or after, when its answer is awaited. */
const atDatabase =
  (what: 'request' | 'answer', fitsOf: (doomed: Doomed, scene: Scene) => (packet: Buffer) => boolean): Stop =>
  (doomed, scene) => {
    const { wire } = doomed;
    wire.plan({ name: scene.bookingId, what, fits: fitsOf(doomed, scene) });
    return () => wire.held.has(scene.bookingId);
  };

const bookingOf = (_: Doomed, { bookingId }: Scene) => bookingId;
const sessionIdOf = (doomed: Doomed, scene: Scene) => sessionOf(doomed, scene).id;
const chargeOf = (doomed: Doomed, scene: Scene) => sessionOf(doomed, scene).payment_intent ?? '';

/** The checkout as the provider has it. */
export function sessionOf({ stripe }: Doomed, { bookingId }: Scene): Session {
  const of = ({ metadata }: Session) => metadata['bookingId'] === bookingId;
  return [...stripe.books.sessions.values()].find(of) ?? expect.fail(`The provider knows nothing of ${bookingId}`);
}

/** What the provider tells of its money. */
export function paidEventOf(doomed: Doomed, scene: Scene): Told {
  const { id } = sessionOf(doomed, scene);
  const told = doomed.stripe.webhooks.of('checkout.session.completed').find(({ body }) => body.includes(id));
  return told ?? expect.fail(`Nothing was told of ${id}`);
}

const storesReference = (doomed: Doomed, { bookingId }: Scene) => {
  const { sessions } = doomed.stripe.books;
  return (packet: Buffer) => {
    const made = [...sessions.values()].find(({ metadata }) => metadata['bookingId'] === bookingId);
    return made !== undefined && packet.includes('payments') && packet.includes(made.id);
  };
};

const aboutWebhook = (command: string) => (doomed: Doomed, scene: Scene) => {
  const id = `stripe:${paidEventOf(doomed, scene).id}`;
  return (packet: Buffer) => packet.includes(`${command}\0`) && packet.includes('webhooks') && packet.includes(id);
};

/** The commit whose line in the ledger shows the booking, or its money, in this state. */
const commits =
  (state: string) =>
  (_: Doomed, { bookingId }: Scene) => {
    const id = Buffer.from(bookingId, 'hex');
    return commitOf((packet) => packet.includes('ledger') && packet.includes(id) && packet.includes(`${state}\0`));
  };

/** What is being done, as the table below has it. */
export type Deed = 'opens' | 'is told' | 'expires' | 'expires, paid' | 'refunds';

/** Every step between a decision about money and its effect, by what is being done: where the server is killed. */
export const STOPS: Record<Deed, Record<string, Stop>> = {
  opens: {
    'the attempt is recorded, the provider has not heard': atProvider(CREATE, false, bookingOf),
    'the provider has opened it, we have not heard': atProvider(CREATE, true, bookingOf),
    'its address is stored, the buyer has not heard': atDatabase('answer', storesReference),
  },
  'is told': {
    'the webhook is verified, nothing is read': atDatabase('request', aboutWebhook('find')),
    'the provider is asked, and does not hear it': atProvider(LOOK_UP, false, sessionIdOf),
    'the provider has answered, we have not heard': atProvider(LOOK_UP, true, sessionIdOf),
    'the effect is decided and not committed': atDatabase('request', commits('confirmed')),
    'the effect is committed, we have not heard': atDatabase('answer', commits('confirmed')),
    'the effect is committed, the webhook is not noted': atDatabase('request', aboutWebhook('insert')),
    'the webhook is noted, and not answered': atDatabase('answer', aboutWebhook('insert')),
  },
  expires: {
    'the end is ordered, the provider has not heard': atProvider(EXPIRE, false, sessionIdOf),
    'the provider has ended it, we have not heard': atProvider(EXPIRE, true, sessionIdOf),
    'the seats are freed and not committed': atDatabase('request', commits('expired')),
    'the seats are freed, we have not heard': atDatabase('answer', commits('expired')),
  },
  'expires, paid': {
    'the end is ordered, the provider has not heard': atProvider(EXPIRE, false, sessionIdOf),
    'the provider has refused, we have not heard': atProvider(EXPIRE, true, sessionIdOf),
    'the provider has told of the money, we have not heard': atProvider(LOOK_UP, true, sessionIdOf),
    'the booking is confirmed and not committed': atDatabase('request', commits('confirmed')),
  },
  refunds: {
    'the refund is ordered, the provider has not heard': atProvider(REFUND, false, chargeOf),
    'the money has gone, we have not heard': atProvider(REFUND, true, chargeOf),
    'its end is decided and not committed': atDatabase('request', commits('refunded')),
    'its end is committed, we have not heard': atDatabase('answer', commits('refunded')),
  },
};

/** The way to each deed: all before it is done, the stop is set in its last moment, and it is begun. */
export const BEGIN: Record<Deed, (doomed: Doomed, scene: Scene, stop: Stop) => Promise<() => boolean>> = {
  opens(doomed, scene, stop) {
    const stands = stop(doomed, scene);
    void scene.buyer.send('checkout', { bookingId: scene.bookingId });
    return Promise.resolve(stands);
  },
  async 'is told'(doomed, scene, stop) {
    await open(doomed, scene);
    doomed.stripe.books.pay(sessionIdOf(doomed, scene));
    const stands = stop(doomed, scene);
    // Its connection is lost with the server.
    void deliver(doomed.stripe, paidEventOf(doomed, scene), doomed.url).catch(() => undefined);
    return stands;
  },
  async expires(doomed, scene, stop) {
    await open(doomed, scene);
    const stands = stop(doomed, scene);
    await endHold(doomed, scene);
    return stands;
  },
  async 'expires, paid'(doomed, scene, stop) {
    await open(doomed, scene);
    const stands = stop(doomed, scene);
    doomed.stripe.books.pay(sessionIdOf(doomed, scene));
    await endHold(doomed, scene);
    return stands;
  },
  async refunds(doomed, scene, stop) {
    await open(doomed, scene);
    doomed.stripe.books.pay(sessionIdOf(doomed, scene));
    expect(await deliver(doomed.stripe, paidEventOf(doomed, scene), doomed.url)).toBe(200);
    const stands = stop(doomed, scene);
    await scene.buyer.must('cancelBooking', { bookingId: scene.bookingId });
    return stands;
  },
};

const open = (_: Doomed, { buyer, bookingId }: Scene) => buyer.must('checkout', { bookingId });

/** As if the minutes of its hold had gone by. */
async function endHold({ mongoUri }: Doomed, { bookingId }: Scene): Promise<void> {
  const client = await MongoClient.connect(mongoUri);
  const held = { _id: ObjectId.createFromHexString(bookingId), status: 'held' };
  await client
    .db()
    .collection('bookings')
    .updateOne(held, { $set: { holdExpiresAt: new Date() } });
  await client.close();
}
