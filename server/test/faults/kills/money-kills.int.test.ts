import { describe, expect, it } from 'vitest';
import { commandsOf, connected, testApp } from '../../support/test-app.ts';
import { listen } from '../../support/stripe/stripe-app.ts';
import type { Scene } from './doomed-server.ts';
import { deliver, doomedServer, newScenes, outcomeOf, paidBy } from './doomed-server.ts';
import type { Deed } from './steps.ts';
import { BEGIN, paidEventOf, sessionOf, STOPS } from './steps.ts';

const POLL = { timeout: 40_000 };
/** Past what a dead server holds: its lease, its jobs, and the next look of the poller. */
const LATER_MS = 61_000;

const CONFIRMED = { status: 'confirmed', payment: 'succeeded', kept: 4_000, checkouts: 1, refunds: 0 };

/** What must have become of it once another server has taken over. */
const IN_THE_END: Record<Deed, object> = {
  opens: CONFIRMED,
  'is told': CONFIRMED,
  expires: { status: 'expired', payment: 'failed', kept: 0, checkouts: 1, refunds: 0 },
  'expires, paid': CONFIRMED,
  refunds: { status: 'cancelled', payment: 'refunded', kept: 0, checkouts: 1, refunds: 1 },
};

const ROWS = (Object.keys(STOPS) as Deed[]).flatMap((deed) =>
  Object.entries(STOPS[deed]).map(([step, stop]) => ({ deed, name: `${deed}: ${step}`, stop })),
);
type Row = (typeof ROWS)[number];

/** Half of the table each: whatever stands in a job takes one of the six that a server does at once. */
const HALVES = [0, 1].map((half) => ({ half: half + 1, rows: ROWS.filter((_, index) => index % 2 === half) }));

/** Stops a server at every step of these rows, each for another booking, and kills it there. */
async function killAt(t: Parameters<typeof doomedServer>[0], rows: readonly Row[]) {
  const doomed = await doomedServer(t);
  const scenes = await newScenes(t, doomed, rows);
  const standing = scenes.map(async ({ row: { deed, name, stop }, ...scene }) => {
    const stands = await BEGIN[deed](doomed, scene, stop);
    await expect.poll(stands, { timeout: 20_000, message: name }).toBe(true);
  });
  await Promise.all(standing);
  await doomed.kill();
  doomed.stripe.forgetPlans();
  return { doomed, scenes };
}

describe('[F9] [F14] [F15] [I5] a server is killed with -9 between a decision about money and its effect', () => {
  it.for(HALVES)(
    'at each step of the table, and another takes over: all money is a booking or a refund, once (half $half)',
    { timeout: 120_000 },
    async ({ rows }, t) => {
      const { doomed, scenes } = await killAt(t, rows);
      const { stripe, mongoUri } = doomed;
      const heir = await testApp(t, { mongoUri, env: paidBy(stripe) });
      listen(stripe, heir);
      heir.clock.offsetMs = LATER_MS;

      const follow = async (scene: Scene & { row: Row }) => {
        const { bookingId, token, row } = scene;
        const { deed, name } = row;
        const { must } = commandsOf(await connected(heir.open('/booking', token)));
        if (deed === 'opens') {
          await must('checkout', { bookingId });
          stripe.books.pay(sessionOf(doomed, scene).id);
        }
        const outcome = async () => outcomeOf(stripe, await must('getBooking', { bookingId }));
        await expect.poll(outcome, { ...POLL, message: name }).toEqual(IN_THE_END[deed]);
        if (deed !== 'is told') return;
        // The provider had no answer, and sends it again.
        expect(await deliver(stripe, paidEventOf(doomed, scene), heir.url)).toBe(200);
        expect(await outcome(), name).toEqual(IN_THE_END[deed]);
      };
      await Promise.all(scenes.map(follow));
    },
  );
});
