import { describe, expect, it } from 'vitest';
import { commandsOf, connected, testApp } from '../../support/test-app.ts';
import { deliverWebhooks } from '../../support/stripe/stripe-app.ts';
import type { Scene } from './server-to-kill.ts';
import { deliver, serverToKill, newScenes, outcomeOf, paidBy } from './server-to-kill.ts';
import type { PaymentStep } from './kill-points.ts';
import { BEGIN, paidEventOf, sessionOf, KILL_POINTS } from './kill-points.ts';

const POLL = { timeout: 40_000 };
/** Longer than a dead server's lease and job claims, and than the payment sweep's interval. */
const LATER_MS = 61_000;

const CONFIRMED = { status: 'confirmed', payment: 'succeeded', kept: 4_000, checkouts: 1, refunds: 0 };

/** The outcome of each payment step once another server has taken over. */
const IN_THE_END: Record<PaymentStep, object> = {
  opens: CONFIRMED,
  settles: CONFIRMED,
  expires: { status: 'expired', payment: 'failed', kept: 0, checkouts: 1, refunds: 0 },
  'expires, paid': CONFIRMED,
  refunds: { status: 'cancelled', payment: 'refunded', kept: 0, checkouts: 1, refunds: 1 },
};

const ROWS = (Object.keys(KILL_POINTS) as PaymentStep[]).flatMap((paymentStep) =>
  Object.entries(KILL_POINTS[paymentStep]).map(([step, killPoint]) => ({
    paymentStep,
    name: `${paymentStep}: ${step}`,
    killPoint,
  })),
);
type Row = (typeof ROWS)[number];

/** The two halves of the table: each stalled job occupies one of the six jobs that a server runs at the same time. */
const HALVES = [0, 1].map((half) => ({ half: half + 1, rows: ROWS.filter((_, index) => index % 2 === half) }));

/** Stalls a server at every kill point of these rows, each for another booking, and kills the server there. */
async function killAt(t: Parameters<typeof serverToKill>[0], rows: readonly Row[]) {
  const server = await serverToKill(t);
  const scenes = await newScenes(t, server, rows);
  const standing = scenes.map(async ({ row: { paymentStep, name, killPoint }, ...scene }) => {
    const isStalled = await BEGIN[paymentStep](server, scene, killPoint);
    await expect.poll(isStalled, { timeout: 20_000, message: name }).toBe(true);
  });
  await Promise.all(standing);
  await server.kill();
  server.stripe.forgetPlans();
  return { server, scenes };
}

describe('[F9] [F14] [F15] [I5] a server that is killed with -9 between a payment decision and its effect', () => {
  it.for(HALVES)(
    'is replaced by another: all money becomes one booking or one refund (half $half of the kill points)',
    { timeout: 120_000 },
    async ({ rows }, t) => {
      const { server, scenes } = await killAt(t, rows);
      const { stripe, mongoUri } = server;
      const successor = await testApp(t, { mongoUri, env: paidBy(stripe) });
      deliverWebhooks(stripe, successor);
      successor.clock.offsetMs = LATER_MS;

      const follow = async (scene: Scene & { row: Row }) => {
        const { bookingId, token, row } = scene;
        const { paymentStep, name } = row;
        const { must } = commandsOf(await connected(successor.open('/booking', token)));
        if (paymentStep === 'opens') {
          await must('checkout', { bookingId });
          stripe.books.pay(sessionOf(server, scene).id);
        }
        const outcome = async () => outcomeOf(stripe, await must('getBooking', { bookingId }));
        await expect.poll(outcome, { ...POLL, message: name }).toEqual(IN_THE_END[paymentStep]);
        if (paymentStep !== 'settles') return;
        // The provider got no answer, so it delivers the event again.
        expect(await deliver(stripe, paidEventOf(server, scene), successor.url)).toBe(200);
        expect(await outcome(), name).toEqual(IN_THE_END[paymentStep]);
      };
      await Promise.all(scenes.map(follow));
    },
  );
});
