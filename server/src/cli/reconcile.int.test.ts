import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import { describe, expect, it, type TestContext } from 'vitest';
import { bookCommand, engineWorld, userId } from '../../test/support/engine-world.ts';
import { bookingOf } from '../../test/support/outcomes.ts';
import { programEnv } from '../../test/support/program-env.ts';
import { WEBHOOK_SECRET } from '../../test/support/stripe/checkout-request.ts';
import { SECRET_KEY } from '../../test/support/stripe/stand-in.ts';
import { paidAtStripe } from '../../test/support/stripe/stripe-app.ts';
import { ofOneType } from '../../test/support/database/of-one-type.ts';

const PROGRAM = join(import.meta.dirname, 'reconcile.ts');

/** Runs `npm run reconcile` in an empty folder, without a terminal. */
function reconcile(uri: string, ...args: string[]) {
  return reconcileWith({ MONGO_URI: uri }, ...args);
}

function reconcileWith(env: Record<string, string>, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: tmpdir(), env: programEnv(env) };
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', PROGRAM, ...args],
      options,
      (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: `${out}${err}` }),
    );
  });
}

async function reconcileWorld(t: TestContext) {
  const world = await engineWorld(t, { expectsAgreement: false });
  const eventId = await world.createEvent({ title: 'Jazz' });
  const { id: bookingId } = bookingOf(await world.engine.submit(eventId, bookCommand(userId(), 3)));
  const set = (collection: 'events' | 'bookings', id: string, change: object) =>
    world.models[collection].collection.updateOne({ _id: Types.ObjectId.createFromHexString(id) }, change);
  return { world, eventId, bookingId, set };
}

describe('npm run reconcile', () => {
  it('exits with 0 if everything agrees', async (t) => {
    const { world } = await reconcileWorld(t);
    const output = '1 event checked: counters, bookings, ledger and payments agree.\n';
    expect(await reconcile(world.mongoUri)).toEqual({ code: 0, output });
  });

  it('prints the differences of each event, exits with 1 and changes nothing', async (t) => {
    const { world, eventId, set } = await reconcileWorld(t);
    await world.createEvent({ title: 'Blues' });
    await set(
      'events',
      eventId,
      ofOneType({ $inc: { soldSeats: 1, availableSeats: -1 }, $set: { title: 'Jazz\u001b[2J' } }),
    );
    const { code, output } = await reconcile(world.mongoUri);
    expect(output).toBe(
      [
        `"Jazz?[2J" (${eventId})`,
        '  availableSeats of the event is 6, the ledger says 7',
        '  soldSeats of the event is 4, the ledger says 3',
        '  sold of the ticket type t1 is 4, the bookings says 3',
        '2 events checked: 1 differs, 0 repaired, 1 left.\n',
      ].join('\n'),
    );
    expect(code).toBe(1);
    expect(await world.models.ledger.countDocuments({ eventId })).toBe(2);
  });

  it('rewrites the counters from the ledger with --repair and exits with 0', async (t) => {
    const { world, eventId, set } = await reconcileWorld(t);
    await set('events', eventId, ofOneType({ $inc: { soldSeats: 1, availableSeats: -1 } }));
    const { code, output } = await reconcile(world.mongoUri, '--repair');
    expect(output).toContain('  Repaired: the counters were rewritten from the ledger, and everything agrees.\n');
    expect(output).toContain('1 event checked: 1 differs, 1 repaired, 0 left.\n');
    expect(code).toBe(0);
    expect(await world.models.events.findById(eventId).lean()).toMatchObject({ availableSeats: 7, soldSeats: 3 });
    expect((await reconcile(world.mongoUri)).code).toBe(0);
  });

  it('reports with --repair what it cannot repair, and exits with 1', async (t) => {
    const { world, bookingId, set } = await reconcileWorld(t);
    await set('bookings', bookingId, { $set: { seats: 2 } });
    const { code, output } = await reconcile(world.mongoUri, '--repair');
    expect(output).toContain(
      `booking ${bookingId} is confirmed with 2 seats (3 t1), the ledger says confirmed with 3 seats (3 t1)`,
    );
    expect(output).toContain('NOT REPAIRED');
    expect(output).toContain('1 event checked: 1 differs, 0 repaired, 1 left.\n');
    expect(code).toBe(1);
  });

  it('finds a refund by hand at Stripe whose webhook was lost, and exits with 1', async (t) => {
    const { app, charge } = await paidAtStripe(t);
    app.stripe.webhooks.sendTo(null);
    const env = {
      MONGO_URI: app.mongoUri,
      STRIPE_API_BASE: app.stripe.url,
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    };
    expect((await reconcileWith(env)).code).toBe(0);
    const { id } = app.stripe.books.refundByHand(charge, 1500);
    const { code, output } = await reconcileWith(env);
    expect(output).toContain(`Stripe: refund ${id} of 1500 EUR is done`);
    expect(code).toBe(1);
  });

  it('prints its usage for an unknown option', async (t) => {
    const { world } = await reconcileWorld(t);
    const { code, output } = await reconcile(world.mongoUri, '--fix');
    expect([code, output]).toEqual([1, expect.stringContaining('Usage: npm run reconcile')]);
  });
});
