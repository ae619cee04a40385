import { randomUUID } from 'node:crypto';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { jobsDone } from '../support/jobs-done.ts';
import type { ServiceAnswer } from '../support/push-service.ts';
import { pushService, senderOf } from '../support/push-service.ts';
import type { Person } from '../support/test-app.ts';
import { eventInput, testApp, type TestApp } from '../support/test-app.ts';

const SITE = { PUBLIC_URL: 'https://tickets.example.org', CONTACT_EMAIL: 'hello@example.org' };
const OFFER_MINUTES = 45;

type Browser = ReturnType<Awaited<ReturnType<typeof pushService>>['browser']>;

/** A server connected to the test's push service, and a user with a waitlist entry for two seats. */
async function pushSetting(t: Pick<TestContext, 'onTestFinished'>) {
  const service = await pushService(t);
  const app = await testApp(t, { env: SITE, pushAgent: service.agent });
  const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
  const event = await admin.must('createEvent', eventInput({ totalSeats: 2, offerMinutes: OFFER_MINUTES }));
  const taken = await alice.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  return {
    service,
    app,
    bob,
    event,
    /** Subscribes a new browser of the person to push messages. */
    async subscribed(who: Person, ...answers: ServiceAnswer[]): Promise<Browser> {
      const browser = service.browser(...answers);
      const headers = { authorization: `Bearer ${who.token}` };
      expect((await app.post('/api/push/subscriptions', browser.subscription, headers)).status).toBe(204);
      return browser;
    },
    alice,
    /** Cancels the booking of the two seats, which are then offered. */
    offer: () => alice.must('cancelBooking', { bookingId: taken.id }),
  };
}

async function isStored({ app: { models } }: TestApp, { subscription: { endpoint } }: Browser): Promise<boolean> {
  return (await models.pushSubscriptions.countDocuments({ endpoint })) === 1;
}

describe('a push message to a browser', () => {
  it('is encrypted for the browser, signed by this site, and urgent until the offer ends', async (t) => {
    const { service, app, bob, alice, event, subscribed, offer } = await pushSetting(t);
    const [phone, hers] = [await subscribed(bob, 201), await subscribed(alice, 201)];
    await offer();
    await jobsDone(app, { passMs: 1_000 });

    const [delivery, ...more] = phone.deliveries();
    if (delivery === undefined) throw new Error('Nothing was sent');
    expect(more).toEqual([]);
    expect(hers.deliveries(), 'it is not her offer').toEqual([]);
    expect(delivery).toMatchObject({
      method: 'POST',
      headers: { 'content-encoding': 'aes128gcm', urgency: 'high' },
    });
    // The remaining time of the offer in seconds, less the time that the test itself has taken.
    const ttl = Number(delivery.headers.ttl);
    expect(ttl).toBeLessThanOrEqual(OFFER_MINUTES * 60);
    expect(ttl).toBeGreaterThan(OFFER_MINUTES * 60 - 600);
    expect(delivery.headers['content-length']).toBe(String(delivery.body.length));

    const [entry] = (await bob.must('listWaitlist', {})).entries;
    expect(phone.read(delivery)).toEqual({
      kind: 'offer',
      title: '2 seats for you',
      lang: 'en',
      url: `/events/${event.id}`,
      tag: `offer-${entry?.bookingId}`,
      expiresAt: entry?.offerExpiresAt,
      body: expect.stringContaining(event.title),
    });
    expect(delivery.body.includes(event.title), 'nobody on the way reads it').toBe(false);
    expect(() => hers.read(delivery), 'and no other browser').toThrow();

    const { key, claims } = senderOf(delivery);
    const answer = await app.get('/api/push/key', { authorization: `Bearer ${bob.token}` });
    expect(key, 'the key that browsers subscribe with').toBe(((await answer.json()) as { key: string }).key);
    expect(claims).toMatchObject({ aud: service.origin, sub: 'mailto:hello@example.org' });
    const lastsSeconds = claims.exp - Date.now() / 1_000;
    expect(lastsSeconds).toBeGreaterThan(0);
    expect(lastsSeconds).toBeLessThanOrEqual(24 * 3_600);
  });

  it('says of a sample event that it is one', async (t) => {
    const { app, bob, event, subscribed, offer } = await pushSetting(t);
    await app.app.models.events.updateOne({ _id: event.id }, { $set: { sample: true } });
    const phone = await subscribed(bob, 201);
    await offer();
    await jobsDone(app, { passMs: 1_000 });
    expect(phone.deliveries().map(phone.read)).toMatchObject([
      { body: expect.stringMatching(/^Sample event: .*Jazz/) },
    ]);
  });

  it.for([404, 410])('answered with %i deletes the subscription', async (status, t) => {
    const { app, bob, subscribed, offer } = await pushSetting(t);
    const [gone, other] = [await subscribed(bob, status), await subscribed(bob, 201)];
    await offer();
    await jobsDone(app, { passMs: 1_000 });
    expect([gone.deliveries().length, other.deliveries().length]).toEqual([1, 1]);
    expect([await isStored(app, gone), await isStored(app, other)]).toEqual([false, true]);
  });

  it.for([[[500]], [[503, 502, 429]], [['cut']]] as [ServiceAnswer[]][])(
    'is retried after %j until the push service takes it, and not for other browsers',
    async ([failures], t) => {
      const { app, bob, subscribed, offer } = await pushSetting(t);
      const [slow, other] = [await subscribed(bob, ...failures, 201), await subscribed(bob, 201)];
      await offer();
      await jobsDone(app, { passMs: 1_000 });
      expect([slow.deliveries().length, other.deliveries().length]).toEqual([failures.length + 1, 1]);
      expect(await isStored(app, slow)).toBe(true);
      const [first, last] = [slow.deliveries()[0], slow.deliveries().at(-1)];
      if (first === undefined || last === undefined) throw new Error('Nothing was sent');
      expect(slow.read(last), 'the same message').toEqual(slow.read(first));
      expect(last.body, 'under a salt of its own').not.toEqual(first.body);
    },
  );

  it('refused by the push service is not retried, and the next message is sent', async (t) => {
    const { app, bob, event, alice, subscribed, offer } = await pushSetting(t);
    const browser = await subscribed(bob, 413, 201);
    await offer();
    await jobsDone(app, { passMs: 1_000 });
    expect(browser.deliveries()).toHaveLength(1);
    expect(await isStored(app, browser)).toBe(true);

    await bob.must('leaveWaitlist', { eventId: event.id });
    const taken = await alice.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: event.id, seats: 2 });
    await alice.must('cancelBooking', { bookingId: taken.id });
    await jobsDone(app, { passMs: 1_000 });
    expect(browser.deliveries()).toHaveLength(2);
  });

  it('says to those who wait or have an offer that their event is cancelled, in the place of the offer', async (t) => {
    const { app, bob, event, subscribed, offer } = await pushSetting(t);
    const [admin, carol] = [await app.admin(), await app.register('carol')];
    const [his, hers] = [await subscribed(bob, 201), await subscribed(carol, 201)];
    await offer();
    await carol.must('joinWaitlist', { requestId: randomUUID(), eventId: event.id, seats: 1 });
    await jobsDone(app, { passMs: 1_000 });
    await admin.must('cancelEvent', { eventId: event.id, reason: 'Storm' });
    await jobsDone(app, { passMs: 1_000 });
    const [offered, ...others] = his.deliveries().map((delivery) => his.read(delivery));
    const cancelled = { kind: 'cancelled', title: `Cancelled: ${event.title}`, url: `/events/${event.id}` };
    expect(others).toEqual([expect.objectContaining({ ...cancelled, tag: (offered as { tag: string }).tag })]);
    expect(hers.deliveries().map((delivery) => hers.read(delivery))).toEqual([expect.objectContaining(cancelled)]);
  });

  it('is never sent to a private address, even one stored in the database', async (t) => {
    const { app, bob, service, subscribed, offer } = await pushSetting(t);
    const browser = await subscribed(bob, 201);
    const endpoint = 'https://127.0.0.1/send/here';
    await app.app.models.pushSubscriptions.updateOne(
      { endpoint: browser.subscription.endpoint },
      { $set: { endpoint } },
    );
    await offer();
    await jobsDone(app, { passMs: 1_000 });
    expect(service.deliveries).toEqual([]);
    expect(await app.app.models.pushSubscriptions.countDocuments()).toBe(0);
  });
});
