import type { Types } from 'mongoose';
import { z } from 'zod';
import type { Now } from '#server/clock.ts';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerBooking, LedgerDoc, LedgerEntryDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';
import { cancelledMail, confirmedMail, fewerMail, missedMail, offeredMail, releasedMail } from './booking-texts.ts';
import type { BookingSnapshot } from './booking-texts.ts';
import type { Mail } from './mail.ts';
import type { Notifier, Recipient, Notification } from './notifier.ts';
import type { Translator } from './texts/translator.ts';

export interface BookingMailOptions {
  models: Pick<Models, 'bookings' | 'events' | 'ledger' | 'users'>;
  notifier: Notifier;
  origin: () => string;
  now: Now;
}

const order = z.object({ eventId: z.string(), seq: z.number() });

/** A change that is notified, by the fact it is remembered as. */
interface Change {
  fact: string;
  booking: LedgerBooking;
  /** Null where it is not true any more when the mail is written. */
  say(snapshot: BookingSnapshot, translator: Translator): Mail | null;
}

/** Tells what one batch has decided: the ledger's document says of whom, the bookings what is true by now. */
export function batchMailHandler(
  options: BookingMailOptions,
  changesOf: (entry: LedgerEntryDoc) => Change[],
): JobHandler {
  return async (payload, run) => {
    const { eventId, seq } = order.parse(payload);
    const batch = await options.models.ledger.findOne({ eventId, seq }).orFail().lean<LedgerDoc>();
    const changes = batch.entries.flatMap(changesOf);
    const due = await withoutUndone(options.notifier, changes);
    const recipients = await recipientsOf(
      options.models,
      due.map(({ booking }) => booking.userId),
    );
    await options.notifier.notify(
      due.flatMap((change) => notificationOf(options, change, recipients.get(change.booking.userId.toHexString()))),
      run,
    );
  };
}

/** What a buyer undoes before it was told leaves nothing to tell. */
async function withoutUndone(notifier: Notifier, changes: readonly Change[]): Promise<Change[]> {
  const undone = changes.filter(({ booking }) => booking.ended?.by === 'buyer');
  const notified = await notifier.notifiedFacts(undone.flatMap(({ booking }) => boughtFacts(booking)));
  return changes.filter(
    (change) => !undone.includes(change) || boughtFacts(change.booking).some((one) => notified.has(one)),
  );
}

function notificationOf(options: BookingMailOptions, change: Change, recipient: Recipient | undefined): Notification[] {
  // An account that is gone is told nothing.
  if (!recipient) return [];
  const compose = async (translator: Translator) => {
    const snapshot = await readBookingSnapshot(options, change.booking._id);
    return snapshot && change.say(snapshot, translator);
  };
  return [{ fact: change.fact, recipient, compose }];
}

/** The booking and its event as they are now. */
export async function readBookingSnapshot(
  { models, origin, now }: Omit<BookingMailOptions, 'notifier'>,
  bookingId: Types.ObjectId,
): Promise<BookingSnapshot | null> {
  const booking = await models.bookings.findById(bookingId).lean<BookingDoc>();
  const event = booking && (await models.events.findById(booking.eventId).lean<EventDoc>());
  return booking && event ? { booking, event, origin: origin(), at: now() } : null;
}

/** Those who are to be notified, by their ids. */
export async function recipientsOf(
  { users }: Pick<Models, 'users'>,
  userIds: readonly Types.ObjectId[],
): Promise<Map<string, Recipient>> {
  const found = await users.find({ _id: { $in: userIds } }).lean<UserDoc[]>();
  return new Map(found.map((user) => [user._id.toHexString(), user]));
}

function confirmedFact({ _id }: Pick<BookingDoc, '_id'>): string {
  return `confirmed:${_id.toHexString()}`;
}

function revivedFact({ _id }: Pick<BookingDoc, '_id'>): string {
  return `revived:${_id.toHexString()}`;
}

/** The facts by which somebody was told that they have this booking. */
function boughtFacts(booking: Pick<BookingDoc, '_id'>): string[] {
  return [confirmedFact(booking), revivedFact(booking)];
}

/** Bookings made, bought, cancelled, and offers that nobody answered. */
export function bookingChanges({ kind, booking }: LedgerEntryDoc): Change[] {
  if (!booking) return [];
  const id = booking._id.toHexString();
  switch (kind) {
    case 'booked':
    case 'confirmed':
      return [{ fact: confirmedFact(booking), booking, say: bought('confirmed') }];
    case 'revived':
      return [{ fact: revivedFact(booking), booking, say: bought('revived') }];
    case 'cancelled':
      if (booking.status !== 'cancelled') return [fewerSeats(booking)];
      return [{ fact: `cancelled:${id}`, booking, say: when('cancelled', cancelledMail) }];
    case 'released':
      if (booking.ended?.by !== 'organiser') return [];
      return [{ fact: `released:${id}`, booking, say: when('cancelled', releasedMail) }];
    case 'expired':
      if (booking.source !== 'waitlist') return [];
      return [{ fact: `missed:${id}`, booking, say: when('expired', missedMail) }];
    default:
      return [];
  }
}

/** Some seats were given back, by whomever: the ticket is another one now. Only the last of several is still true. */
function fewerSeats(booking: LedgerBooking): Change {
  const say = when('confirmed', (snapshot, translator) =>
    snapshot.booking.seats === booking.seats ? fewerMail(snapshot, translator) : null,
  );
  return { fact: `fewer:${booking._id.toHexString()}:${booking.seats}`, booking, say };
}

function bought(word: 'confirmed' | 'revived'): Change['say'] {
  return when('confirmed', (snapshot, translator) => confirmedMail(snapshot, translator, word));
}

/** Offers, while they stand. */
export function offerChanges({ kind, booking }: LedgerEntryDoc): Change[] {
  if (kind !== 'offered' || !booking) return [];
  const say = when('held', (snapshot, translator) =>
    isOfferOver(snapshot) ? null : offeredMail(snapshot, translator),
  );
  return [{ fact: `offered:${booking._id.toHexString()}`, booking, say }];
}

export function isOfferOver({ booking, at }: BookingSnapshot): boolean {
  return booking.status !== 'held' || booking.holdExpiresAt === null || booking.holdExpiresAt <= at;
}

function when(status: BookingDoc['status'], say: Change['say']): Change['say'] {
  return (snapshot, translator) => (snapshot.booking.status === status ? say(snapshot, translator) : null);
}
