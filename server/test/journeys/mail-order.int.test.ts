import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { EngineWorld } from '../support/engine-world.ts';
import { bookCommand, engineWorld } from '../support/engine-world.ts';
import { mailbox } from '../support/mailbox.ts';
import { testApp } from '../support/test-app.ts';

/** Mails with tickets take seconds each on a busy machine. */
const TIMEOUT_MS = 180_000;

const BACKLOG = 60;

/** A buyer with an address, and a way to book that leaves a notification job of its own. */
async function buyer({ models, engine }: EngineWorld, name: string) {
  const _id = new Types.ObjectId();
  const email = `${name}@example.org`;
  await models.users.collection.insertOne({ _id, name, email, verified: true, locale: 'en', role: 'user' } as never);
  return {
    email,
    async book(eventId: string): Promise<string> {
      const command = bookCommand(_id.toHexString(), 1);
      const { outcome } = await engine.submit(eventId, command);
      if (!outcome.ok) throw new Error(outcome.error.code);
      return command.bookingId;
    },
  };
}

describe('behind the confirmations of a sold-out event', { timeout: TIMEOUT_MS }, () => {
  it('wait neither the mails of another event nor those of a booking that the organiser cancelled', async (t) => {
    const world = await engineWorld(t);
    const [sale, quiet] = [await world.createEvent({ totalSeats: BACKLOG + 1 }), await world.createEvent()];
    const [fan, alice, bob] = [await buyer(world, 'fan'), await buyer(world, 'alice'), await buyer(world, 'bob')];
    const cancelled = await bob.book(sale);
    for (let n = 0; n < BACKLOG; n += 1) await fan.book(sale);
    await alice.book(quiet);
    const by = { actor: world.admin, by: 'organiser', requestId: null, seats: null, reason: null } as const;
    await world.engine.submit(sale, { type: 'cancel', bookingId: cancelled, ...by });
    await world.engine.drained();
    expect(await world.models.jobs.countDocuments({ state: 'waiting' })).toBe(BACKLOG + 3);

    const box = await mailbox(t);
    await testApp(t, { mongoUri: world.mongoUri, clock: world.clock, env: { SMTP_URL: box.url } });
    await box.mailsTo(fan.email, BACKLOG);
    const order = box.received.map((mail) => `${mail.to.join()} ${mail.header('subject')}`);
    const urgent = `${bob.email} Your booking was cancelled: Jazz`;
    expect(order.slice(0, 8)).toEqual(expect.arrayContaining([urgent, `${alice.email} Your booking: Jazz`]));
  });
});

describe('a notification job of an earlier version, which has all changes of its batch', () => {
  it('notifies of a booking that the organiser cancelled', async (t) => {
    const world = await engineWorld(t);
    const eventId = await world.createEvent();
    const bob = await buyer(world, 'bob');
    const bookingId = await bob.book(eventId);
    const by = { actor: world.admin, by: 'organiser', requestId: null, seats: null, reason: null } as const;
    await world.engine.submit(eventId, { type: 'cancel', bookingId, ...by });
    const earlier = { kind: 'tell-bookings', payload: { eventId, seq: 3 } };
    await world.models.jobs.updateOne({ kind: 'tell-ended', 'payload.seq': 3 }, { $set: earlier });

    const box = await mailbox(t);
    await testApp(t, { mongoUri: world.mongoUri, clock: world.clock, env: { SMTP_URL: box.url } });
    await box.mail(bob.email, /^Your booking was cancelled: Jazz$/);
  });
});
