import type { ClientSession } from 'mongoose';
import { Types } from 'mongoose';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { Engine } from './engine/engine.ts';

export interface AccountBookingsOptions {
  models: Pick<Models, 'bookings' | 'events' | 'waitlist' | 'payments'>;
  engine: Engine;
  now: Now;
}

export type AccountBookings = ReturnType<typeof createAccountBookings>;

type Named = Pick<BookingDoc, '_id' | 'eventId'>;

/** What one person has of events, all of them together: asked and given back when an account is closed. */
export function createAccountBookings({ models, engine, now }: AccountBookingsOptions) {
  /** Ids of coming confirmed bookings, and of those whose money is on its way back. */
  async function bindingBookings(userId: Types.ObjectId, session?: ClientSession): Promise<string[]> {
    const refunding = { userId, 'payment.status': 'refunding' };
    const bound = [...(await coming(userId, session)), ...(await find(refunding, session))];
    return [...new Set(bound.map(({ _id }) => _id.toHexString()))];
  }

  async function coming(userId: Types.ObjectId, session?: ClientSession): Promise<Named[]> {
    const confirmed = await find({ userId, status: 'confirmed' }, session);
    const at = { $gt: now() };
    const events = await models.events
      .find(
        { _id: { $in: confirmed.map(({ eventId }) => eventId) }, $or: [{ endsAt: at }, { startsAt: at }] },
        { _id: 1 },
      )
      .session(session ?? null)
      .lean<Pick<EventDoc, '_id'>[]>();
    const ids = new Set(events.map(({ _id }) => _id.toHexString()));
    return confirmed.filter(({ eventId }) => ids.has(eventId.toHexString()));
  }

  async function giveBack(userId: Types.ObjectId): Promise<Result<null>> {
    const holds = await find({ userId, status: 'held' });
    const released = await refusalOf(holds.map((hold) => cancel(hold, 'buyer', userId)));
    return released ?? (await leaveLists(userId)) ?? ok(null);
  }

  async function leaveLists(userId: Types.ObjectId) {
    const entries = await models.waitlist.find({ userId, active: true }, { eventId: 1 }).lean<WaitlistEntryDoc[]>();
    const command = { type: 'leave', userId: userId.toHexString() } as const;
    return refusalOf(entries.map(({ eventId }) => engine.submit(eventId.toHexString(), command)));
  }

  /** Holds and lists, and what is coming as well: nobody is left who could use or give it back. */
  async function giveBackAll(userId: Types.ObjectId): Promise<void> {
    const left = await giveBack(userId);
    const cancelled = await refusalOf((await coming(userId)).map((booking) => cancel(booking, 'organiser', 'system')));
    const known = await forgetPayer(userId);
    const refused = cancelled ?? left;
    if (!refused.ok) throw new Error(`The queue refused with ${refused.error.code}`);
    if (known > 0) throw new Error(`${known} checkouts are not known to be opened or ended yet`);
  }

  /**
   * An attempt whose checkout may not be open yet keeps the address: a provider is told the very same under the same
   * key, or a checkout that nobody knows of stays open and is paid.
   */
  async function forgetPayer(userId: Types.ObjectId, session?: ClientSession): Promise<number> {
    const options = session ? { session } : {};
    const told = { $or: [{ reference: { $type: 'string' } }, { status: { $in: ['ended', 'paid'] } }] };
    const known = { userId, 'terms.email': { $ne: '' } };
    const { collection } = models.payments;
    await collection.updateMany({ ...known, ...told } as object, { $set: { 'terms.email': '' } }, options);
    return collection.countDocuments(known, options);
  }

  function cancel({ _id, eventId }: Named, by: 'buyer' | 'organiser', actor: Types.ObjectId | 'system') {
    const who = actor === 'system' ? actor : actor.toHexString();
    const reason = by === 'organiser' ? 'The account was deleted.' : null;
    const command = { type: 'cancel', bookingId: _id.toHexString(), actor: who, by, seats: null, reason } as const;
    return engine.submit(eventId.toHexString(), command);
  }

  function find(filter: object, session?: ClientSession): Promise<Named[]> {
    return models.bookings
      .find(filter, { eventId: 1 })
      .session(session ?? null)
      .lean<Named[]>()
      .exec();
  }

  return { bindingBookings, giveBack, forgetPayer, giveBackAll };
}

/** What has ended by itself meanwhile needs no giving back. */
const GONE: ReadonlySet<Refusal['code']> = new Set(['INVALID_STATE', 'NOT_FOUND']);

async function refusalOf(commands: ReturnType<Engine['submit']>[]): Promise<{ ok: false; error: Refusal } | null> {
  for (const { outcome } of await Promise.all(commands))
    if (!outcome.ok && !GONE.has(outcome.error.code)) return outcome;
  return null;
}

const order = z.object({ userId: z.string() });

/** The job behind a closed account: whatever it has booked in its last moment is given back, and its address goes. */
export function createClosedAccountJob(accountBookings: Pick<AccountBookings, 'giveBackAll'>): JobHandler {
  return async (payload) =>
    accountBookings.giveBackAll(Types.ObjectId.createFromHexString(order.parse(payload).userId));
}
