import { describe, expect, it } from 'vitest';
import { onwards, STEPS } from '#server/payments/reached.ts';
import type { Step } from '#server/payments/reached.ts';
import { buy, CARD, hold, paidSetting, useCard } from './payer.ts';
import { commandsOf, connected, testApp } from './test-app.ts';

const POLL = { timeout: 25_000 };

/** A server that goes no step further once it has reached this one, as if it had been killed there. */
function dyingAt(step: Step) {
  let dead = false;
  let armed = false;
  return {
    arm: () => void (armed = true),
    get dead() {
      return dead;
    },
    async reached(now: Step): Promise<void> {
      dead ||= armed && now === step;
      if (dead) throw new Error(`Killed at "${step}"`);
      return onwards(now);
    },
  };
}

/** One server that dies at a step, and, once it has, another on the same database; both with the same time. */
async function twoServers(t: Parameters<typeof testApp>[0], step: Step) {
  const death = dyingAt(step);
  const more = { moneyTest: { reached: death.reached } };
  const setting = await paidSetting(t, { holdMinutes: 1, totalSeats: 4 }, more);
  const { app, alice } = setting;

  /** Waits for its death; what is left of it is taken away, for the dead do no jobs and hold no lease. */
  async function next() {
    await expect.poll(() => death.dead, POLL).toBe(true);
    await app.close();
    const second = await testApp(t, { mongoUri: app.mongoUri });
    second.clock.offsetMs = app.clock.offsetMs;
    const { must } = commandsOf(await connected(second.open('/booking', alice.token)));
    const { models } = second.app;

    /** What there is to see in the end: the booking, and the money at the provider. */
    async function outcome(bookingId: string) {
      const { status, payment } = await must('getBooking', { bookingId });
      const [charged] = await models.demoCheckouts.find({ 'paid.amount': { $gt: 0 } }).lean();
      const kept = (charged?.paid?.amount ?? 0) - (charged?.refunded ?? 0);
      return { status, payment: payment?.status, kept };
    }
    return { must, models, outcome, url: second.url };
  }

  return { ...setting, arm: death.arm, next };
}

/** What is being done when the server dies, and what must have become of it once another has taken over. */
const TABLE: Record<Step, 'checkout' | 'webhook' | 'expiry' | 'refund'> = {
  'checkout recorded': 'checkout',
  'checkout opened': 'checkout',
  'checkout stored': 'checkout',
  'webhook verified': 'webhook',
  'webhook looked up': 'webhook',
  'webhook settled': 'webhook',
  'webhook noted': 'webhook',
  'cancel ordered': 'expiry',
  'checkout cancelled': 'expiry',
  'checkout closed': 'expiry',
  'refund ordered': 'refund',
  'refund made': 'refund',
  'refund stored': 'refund',
};

const of = (kind: string) => STEPS.filter((step) => TABLE[step] === kind);

describe('[F9] [I5] a server that dies', () => {
  it.for(of('checkout'))(
    'while it opens a checkout (%s): another gives the same one, and it is paid once',
    async (step, t) => {
      const { alice, eventId, arm, next } = await twoServers(t, step);
      const { id: bookingId } = await hold(alice, eventId, 2);
      arm();
      expect(await alice.send('checkout', { bookingId })).toMatchObject({ ok: false });
      const second = await next();
      const { pathname } = new URL((await second.must('checkout', { bookingId })).url);
      // The page is where the servers are seen; here each has an address of its own.
      await useCard({ url: second.url + pathname }, CARD.pays);
      const paid = { status: 'confirmed', payment: 'succeeded', kept: 4_000 };
      await expect.poll(() => second.outcome(bookingId), POLL).toEqual(paid);
      expect(await second.models.payments.countDocuments()).toBe(1);
      expect(await second.models.demoCheckouts.countDocuments()).toBe(1);
    },
  );

  it.for(of('webhook'))(
    'while it takes in that money came (%s): the booking is confirmed by another',
    async (step, t) => {
      const { alice, eventId, arm, next } = await twoServers(t, step);
      const { id: bookingId } = await hold(alice, eventId, 2);
      const checkout = await alice.must('checkout', { bookingId });
      arm();
      await useCard(checkout, CARD.pays);
      const second = await next();
      const paid = { status: 'confirmed', payment: 'succeeded', kept: 4_000 };
      await expect.poll(() => second.outcome(bookingId), POLL).toEqual(paid);
    },
  );

  it.for(of('expiry'))(
    'while it ends a checkout with its hold (%s): the seats are freed by another',
    async (step, t) => {
      const { app, alice, eventId, arm, next } = await twoServers(t, step);
      const { id: bookingId } = await hold(alice, eventId, 2);
      await alice.must('checkout', { bookingId });
      arm();
      app.clock.offsetMs = 61_000;
      const second = await next();
      const freed = { status: 'expired', payment: 'failed', kept: 0 };
      await expect.poll(() => second.outcome(bookingId), POLL).toEqual(freed);
    },
  );

  it.for(of('expiry'))(
    '[F14] while it ends a checkout that is paid in that moment (%s): it is confirmed by another',
    async (step, t) => {
      const { app, alice, eventId, arm, next } = await twoServers(t, step);
      const { id: bookingId } = await hold(alice, eventId, 2);
      const checkout = await alice.must('checkout', { bookingId });
      arm();
      await useCard(checkout, CARD.silent);
      app.clock.offsetMs = 61_000;
      const second = await next();
      const paid = { status: 'confirmed', payment: 'succeeded', kept: 4_000 };
      await expect.poll(() => second.outcome(bookingId), POLL).toEqual(paid);
    },
  );

  it.for(of('refund'))('while it gives money back (%s): it is given back by another, once', async (step, t) => {
    const { alice, eventId, arm, next } = await twoServers(t, step);
    const { id: bookingId } = await buy(alice, eventId, 2);
    arm();
    await alice.must('cancelBooking', { bookingId });
    const second = await next();
    const refunded = { status: 'cancelled', payment: 'refunded', kept: 0 };
    await expect.poll(() => second.outcome(bookingId), POLL).toEqual(refunded);
  });
});
