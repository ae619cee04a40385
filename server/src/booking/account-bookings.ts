import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import { JobWaits, queueRefused } from '#server/jobs/job-waits.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { Engine } from './engine/engine.ts';
import type { BookingIds, Session } from './store/queries/booking-queries.ts';
import { findBookingsInStatus, findRefundingBookings, withComingEvents } from './store/queries/booking-queries.ts';
import { findOpenPayments, removePayerAddress } from './store/queries/payment-queries.ts';
import { findWaitlistEventIds } from './store/queries/waitlist-queries.ts';

interface AccountBookingsOptions {
  models: Pick<Models, 'bookings' | 'events' | 'waitlist' | 'payments' | 'reminders' | 'walletPasses'>;
  engine: Engine;
  payments: AccountPayments;
  now: Now;
}

/** The account's payments at the providers. */
interface AccountPayments {
  /** Ids of bookings whose payment is under way; asks the providers. */
  findPaying(userId: string): Promise<string[]>;
  /** Ends the account's checkouts, as far as the providers answer. */
  endCheckouts(userId: string): Promise<void>;
}

type AccountBookings = ReturnType<typeof createAccountBookings>;

/** The bookings of one account on all events: they bind the account, or are given back when it closes. */
export function createAccountBookings({ models, engine, payments, now }: AccountBookingsOptions) {
  /**
   * Ids of the confirmed bookings of coming events, and of the bookings with a payment or refund under way; asks the
   * providers, which may settle payments.
   */
  async function bindingBookings(userId: string): Promise<string[]> {
    const paying = await payments.findPaying(userId);
    return [...new Set([...paying, ...(await boundBookings(userId))])];
  }

  /** The same by what is stored: a checkout that was not ended may have been paid. */
  async function bindingBookingsAsStored(userId: string, session: Session): Promise<string[]> {
    const open = await findOpenPayments(models, userId, session);
    const paying = open.map(({ bookingId }) => bookingId.toHexString());
    return [...new Set([...paying, ...(await boundBookings(userId, session))])];
  }

  async function boundBookings(userId: string, session?: Session): Promise<string[]> {
    const coming = await comingBookings(userId, session);
    const refunding = await findRefundingBookings(models, userId, session);
    return [...coming, ...refunding].map(({ _id }) => _id.toHexString());
  }

  async function comingBookings(userId: string, session?: Session): Promise<BookingIds[]> {
    const confirmed = await findBookingsInStatus(models, userId, 'confirmed', session);
    return withComingEvents(models, confirmed, now(), session);
  }

  /**
   * Cancels the account's holds, with their checkouts, and leaves its waiting lists. Refuses with the first refusal of
   * an event's queue.
   */
  async function giveBack(userId: string): Promise<Result<null>> {
    const holds = await findBookingsInStatus(models, userId, 'held');
    const released = await firstRefusal(holds.map((hold) => cancel(hold, 'buyer', userId)));
    await payments.endCheckouts(userId);
    return released ?? (await leaveWaitlists(userId)) ?? ok(null);
  }

  async function leaveWaitlists(userId: string) {
    const eventIds = await findWaitlistEventIds(models, userId);
    const command = { type: 'leave', userId } as const;
    return firstRefusal(eventIds.map((eventId) => engine.submit(eventId, command)));
  }

  /**
   * Gives back holds and waitlist entries of a closed account, and coming bookings as well, which no one can use any
   * more. Throws if an event's queue refuses, or if an open checkout still needs the mail address.
   */
  async function giveBackAll(userId: string): Promise<void> {
    const left = await giveBack(userId);
    const coming = await comingBookings(userId);
    const refusal = await firstRefusal(coming.map((booking) => cancel(booking, 'organiser', 'system')));
    const unsent = await removePayerAddress(models, userId);
    await models.reminders.deleteMany({ userId });
    await models.walletPasses.deleteMany({ userId });
    const refused = refusal ?? left;
    if (!refused.ok) throw queueRefused(refused.error);
    if (unsent > 0) throw new JobWaits(`The providers have not answered yet for ${unsent} checkouts of the account`);
  }

  function cancel({ _id, eventId }: BookingIds, by: 'buyer' | 'organiser', actor: string) {
    const reason = by === 'organiser' ? 'The account was deleted.' : null;
    const command = {
      type: 'cancel',
      bookingId: _id.toHexString(),
      actor,
      by,
      requestId: null,
      seats: null,
      reason,
    } as const;
    return engine.submit(eventId.toHexString(), command);
  }

  /** Removes the account's mail address from payments; resolves with the number of payments that still need it. */
  function forgetPayer(userId: string, session?: Session): Promise<number> {
    return removePayerAddress(models, userId, session);
  }

  return { bindingBookings, bindingBookingsAsStored, giveBack, forgetPayer, giveBackAll };
}

/** A booking or waitlist entry that has ended meanwhile needs no giving back. */
const ENDED: ReadonlySet<Refusal['code']> = new Set(['INVALID_STATE', 'NOT_FOUND']);

async function firstRefusal(commands: ReturnType<Engine['submit']>[]): Promise<{ ok: false; error: Refusal } | null> {
  for (const { outcome } of await Promise.all(commands))
    if (!outcome.ok && !ENDED.has(outcome.error.code)) return outcome;
  return null;
}

const payloadSchema = z.object({ userId: z.string() });

/** The job after an account was closed: gives back what was booked in its last moment, and removes its address. */
export function createClosedAccountJob({ giveBackAll }: Pick<AccountBookings, 'giveBackAll'>): JobHandler {
  return async (payload) => giveBackAll(payloadSchema.parse(payload).userId);
}
