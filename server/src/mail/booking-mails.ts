import type { Types } from 'mongoose';
import { z } from 'zod';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { LineItem } from '#server/booking/rules/state/booking-state.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import { ticketsBefore } from '#server/models/booking.ts';
import type { LedgerBooking, LedgerDoc, LedgerEntryDoc } from '#server/models/ledger.ts';
import type { Models } from '#server/models/models.ts';
import type { BookingSnapshotsOptions } from './booking-snapshots.ts';
import { createBookingSnapshots } from './booking-snapshots.ts';
import {
  cancelledMail,
  confirmedMail,
  eventMail,
  fewerMail,
  missedMail,
  offeredMail,
  releasedMail,
} from './booking-texts.ts';
import type { BookingSnapshot } from './texts/booking-facts.ts';
import type { Mail } from './mail.ts';
import { picture } from './mail.ts';
import type { Notifier, Recipient, Notification } from './sending/notifier.ts';
import type { Translator } from './texts/translator.ts';

export interface BookingMailOptions extends BookingSnapshotsOptions {
  models: Pick<Models, 'bookings' | 'events' | 'ledger' | 'users'>;
  notifier: Notifier;
}

/** `endedApart`: ended bookings have a job of their own; absent in the jobs of earlier versions, which notify of them. */
const payloadSchema = z.object({ eventId: z.string(), seq: z.number(), endedApart: z.boolean().default(false) });
type BatchPayload = z.infer<typeof payloadSchema>;

/** A change of a booking that its buyer is notified of. */
interface NotifiableChange {
  fact: string;
  booking: LedgerBooking;
  /** Writes the mail; null if the change is no longer true. */
  compose(snapshot: BookingSnapshot, translator: Translator): Mail | null;
}

/** Notifies the buyers of one batch: the ledger names the changes, the mails are written from the present bookings. */
export function createBatchMailJob(
  options: BookingMailOptions,
  changesOf: (entry: LedgerEntryDoc, payload: BatchPayload) => NotifiableChange[],
): JobHandler {
  return async (payload, run) => {
    const parsed = payloadSchema.parse(payload);
    const { eventId, seq } = parsed;
    const batch = await options.models.ledger.findOne({ eventId, seq }).orFail().lean<LedgerDoc>();
    const changes = batch.entries.flatMap((entry) => changesOf(entry, parsed));
    const due = await withoutUndone(options.notifier, changes);
    const recipients = await recipientsOf(
      options.models,
      due.map(({ booking }) => booking.userId),
    );
    const snapshotOf = createBookingSnapshots(
      options,
      due.map(({ booking }) => booking._id),
    );
    await options.notifier.notify(
      due.flatMap((change) =>
        notificationOf(options, snapshotOf, change, recipients.get(change.booking.userId.toHexString())),
      ),
      run,
    );
  };
}

/** Leaves out a buyer's own cancellation of a booking that no mail has confirmed yet. */
async function withoutUndone(notifier: Notifier, changes: readonly NotifiableChange[]): Promise<NotifiableChange[]> {
  const undone = changes.filter(({ booking }) => booking.ended?.by === 'buyer');
  const notified = await notifier.notifiedFacts(undone.flatMap(({ booking }) => boughtFacts(booking)));
  return changes.filter(
    (change) => !undone.includes(change) || boughtFacts(change.booking).some((fact) => notified.has(fact)),
  );
}

function notificationOf(
  options: Pick<BookingSnapshotsOptions, 'tickets'>,
  snapshotOf: ReturnType<typeof createBookingSnapshots>,
  change: NotifiableChange,
  recipient: Recipient | undefined,
): Notification[] {
  // The account was deleted.
  if (!recipient) return [];
  const compose = async (translator: Translator) => {
    const snapshot = await snapshotOf(change.booking._id);
    const mail = snapshot && change.compose(snapshot, translator);
    return mail && withTicket(options, snapshot, translator, eventMail(snapshot.event, translator, mail));
  };
  return [{ fact: change.fact, recipient, compose }];
}

/** The mail with the files of the ticket that it shows, if it shows one, below the image of the event. */
export function withTicket(
  { tickets }: Pick<BookingSnapshotsOptions, 'tickets'>,
  { booking, event }: BookingSnapshot,
  { locale }: Translator,
  mail: Mail,
): Mail {
  if (!mail.blocks.some(({ kind }) => kind === 'ticketCode')) return mail;
  const { image } = event;
  const blocks = image ? [picture(image.alt), ...mail.blocks] : mail.blocks;
  return { ...mail, blocks, ticket: () => tickets.filesOf(booking, event, locale) };
}

/** The existing accounts among these, by user id (24 hex digits). */
export async function recipientsOf(
  { users }: Pick<Models, 'users'>,
  userIds: readonly Types.ObjectId[],
): Promise<Map<string, Recipient>> {
  const found = await users
    .find({ _id: { $in: userIds } }, { name: 1, email: 1, locale: 1 })
    .lean<Pick<UserDoc, '_id' | 'name' | 'email' | 'locale'>[]>();
  return new Map(found.map((user) => [user._id.toHexString(), user]));
}

function confirmedFact({ _id }: Pick<BookingDoc, '_id'>): string {
  return `confirmed:${_id.toHexString()}`;
}

function revivedFact({ _id }: Pick<BookingDoc, '_id'>): string {
  return `revived:${_id.toHexString()}`;
}

/** The facts that notify a buyer of having this booking. */
function boughtFacts(booking: Pick<BookingDoc, '_id'>): string[] {
  return [confirmedFact(booking), revivedFact(booking)];
}

/** Confirmed bookings, what their buyers cancelled, offers that lapsed, and cancellations of some seats. */
export function bookingChanges(entry: LedgerEntryDoc, { endedApart }: BatchPayload): NotifiableChange[] {
  const { kind, booking } = entry;
  if (!booking) return [];
  const id = booking._id.toHexString();
  switch (kind) {
    case 'booked':
    case 'confirmed':
      return [{ fact: confirmedFact(booking), booking, compose: confirmed('confirmed') }];
    case 'revived':
      return [{ fact: revivedFact(booking), booking, compose: confirmed('revived') }];
    case 'cancelled':
      if (booking.status !== 'cancelled') return [fewerTickets(booking, entry.reason)];
      if (booking.ended?.by === 'buyer') return [cancelled(booking)];
      return endedApart ? [] : endedChanges(entry);
    case 'released':
      return endedApart ? [] : endedChanges(entry);
    case 'expired':
      if (booking.source !== 'waitlist') return [];
      return [{ fact: `missed:${id}`, booking, compose: ifStill('expired', missedMail) }];
    default:
      return [];
  }
}

/** Bookings and holds that the organiser or the event ended. */
export function endedChanges({ kind, booking }: LedgerEntryDoc): NotifiableChange[] {
  if (booking?.status !== 'cancelled') return [];
  const by = booking.ended?.by;
  if (kind === 'cancelled' && by !== 'buyer') return [cancelled(booking)];
  if (kind !== 'released' || by === 'buyer') return [];
  const fact = `released:${booking._id.toHexString()}`;
  return [{ fact, booking, compose: ifStill('cancelled', releasedMail) }];
}

function cancelled(booking: LedgerBooking): NotifiableChange {
  return { fact: `cancelled:${booking._id.toHexString()}`, booking, compose: ifStill('cancelled', cancelledMail) };
}

/** A cancellation of some tickets, which changes the ticket. Of several such changes only the last is still true. */
function fewerTickets(booking: LedgerBooking, reason: string | null): NotifiableChange {
  const left = keyOfTickets(booking.tickets ?? ticketsBefore(booking));
  const compose = ifStill('confirmed', (snapshot, translator) =>
    keyOfTickets(snapshot.booking.tickets) === left ? fewerMail(snapshot, translator, reason) : null,
  );
  return { fact: `fewer:${booking._id.toHexString()}:${left}`, booking, compose };
}

/** Which tickets a booking has. The number of seats where they are of one type of one seat, as versions before had it. */
function keyOfTickets(tickets: readonly LineItem[]): string {
  const [only] = tickets;
  if (tickets.length === 1 && only?.seats === 1) return String(only.count);
  return tickets.map(({ type, count }) => `${count}${type}`).join('-');
}

function confirmed(kind: 'confirmed' | 'revived'): NotifiableChange['compose'] {
  return ifStill('confirmed', (snapshot, translator) => confirmedMail(snapshot, translator, kind));
}

/** Offers that are still open. */
export function offerChanges({ kind, booking }: LedgerEntryDoc): NotifiableChange[] {
  if (kind !== 'offered' || !booking) return [];
  const compose = ifStill('held', (snapshot, translator) =>
    isOfferOver(snapshot) ? null : offeredMail(snapshot, translator),
  );
  return [{ fact: `offered:${booking._id.toHexString()}`, booking, compose }];
}

export function isOfferOver({ booking, at }: BookingSnapshot): boolean {
  return booking.status !== 'held' || booking.holdExpiresAt === null || booking.holdExpiresAt <= at;
}

function ifStill(status: BookingDoc['status'], compose: NotifiableChange['compose']): NotifiableChange['compose'] {
  return (snapshot, translator) => (snapshot.booking.status === status ? compose(snapshot, translator) : null);
}
