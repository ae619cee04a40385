import { Types } from 'mongoose';
import type { UserDoc } from '#server/models/accounts/account.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { JobDoc } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import { completePayment, UNRESOLVED_MISMATCH } from '#server/models/payment.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { soldTypes } from '../../rules/tickets/edit-types.ts';
import { CANCEL_CHECKOUT_JOB, REFUND_JOB } from '../../rules/payments/refund.ts';
import type { Session } from './booking-queries.ts';

type PaymentModels = Pick<Models, 'payments'>;

export function findPayment({ payments }: PaymentModels, paymentId: string): Promise<PaymentDoc | null> {
  return payments.findById(paymentId).lean<PaymentDoc>().exec();
}

/** A payment that a commit has just recorded; throws if it is missing. */
export function readPayment({ payments }: PaymentModels, paymentId: string): Promise<PaymentDoc> {
  return payments.findById(paymentId).orFail().lean<PaymentDoc>().exec();
}

/**
 * A user's payments whose checkout may still be paid. A payment without the provider's reference is left out: its buyer
 * never received the address of the payment page.
 */
export function findOpenPayments(
  { payments }: PaymentModels,
  userId: string,
  session?: Session,
): Promise<PaymentDoc[]> {
  const open = { status: { $in: ['open', 'cancelling'] as const }, reference: { $type: 'string' as const } };
  return payments
    .find({ userId: new Types.ObjectId(userId), ...open } as object)
    .session(session ?? null)
    .lean<PaymentDoc[]>()
    .exec();
}

/** The payment of a booking whose checkout is open. */
export function findOpenPayment({ payments }: PaymentModels, bookingId: Types.ObjectId): Promise<PaymentDoc | null> {
  return payments.findOne({ bookingId, status: 'open' }).lean<PaymentDoc>().exec();
}

/** The buyer's language and mail address; throws if the account is missing. */
export function readPayer(
  { users }: Pick<Models, 'users'>,
  userId: string,
): Promise<Pick<UserDoc, 'locale' | 'email'>> {
  return users.findById(userId).orFail().lean<UserDoc>().exec();
}

/** The prices of the ticket types that an event sells now; none if there is no such event. */
export async function findPrices({ events }: Pick<Models, 'events'>, eventId: string): Promise<Money[]> {
  const event = await events.findById(eventId, { price: 1, ticketTypes: 1 }).lean<EventDoc>();
  return event ? soldTypes(event).map(({ price }) => price) : [];
}

/** Whether a refund was requested by this key, on whichever booking. */
export async function hasRefundRequest({ payments }: PaymentModels, requestKey: string): Promise<boolean> {
  // The partial index's own filter, as in store/attempts.ts.
  return (await payments.exists({ refundRequests: requestKey, 'refundRequests.0': { $exists: true } })) !== null;
}

/** Limits a query for payment issues to one event; null: all events. */
export interface IssueScope {
  eventId: string | null;
  limit: number;
}

/** Payments with a refund that the provider refused, or with a wrong amount that nobody has refunded; oldest first. */
export function findRefusedPayments(
  { payments }: PaymentModels,
  { eventId, limit }: IssueScope,
): Promise<PaymentDoc[]> {
  return payments
    .find(ofEvent(eventId))
    .or([{ 'refunds.status': 'refused' as const }, UNRESOLVED_MISMATCH])
    .sort({ updatedAt: 1 })
    .limit(limit)
    .lean<PaymentDoc[]>()
    .exec();
}

/**
 * Payments with a refund by hand or a dispute that no organiser has decided on, the oldest first: of bookings that still
 * admit, and undecided disputes of others.
 */
export async function findReversedPayments(
  { payments }: PaymentModels,
  { eventId, limit }: IssueScope,
): Promise<PaymentDoc[]> {
  const admits = { 'booking.status': 'confirmed', bought: true };
  const found = await payments
    .aggregate<PaymentDoc>([
      { $match: { ...ofEvent(eventId), isReversed: true } },
      { $lookup: { from: 'bookings', localField: 'bookingId', foreignField: '_id', as: 'booking' } },
      { $match: { $or: [admits, { 'refunds.status': 'disputed' }] } },
      { $sort: { updatedAt: 1 } },
      { $limit: limit },
      { $unset: 'booking' },
    ])
    .exec();
  return found.map(completePayment);
}

/** The last payment of each event whose amount the provider refused as too small, if the event still has those prices. */
export async function findTooSmallPayments(
  { payments }: PaymentModels,
  { eventId, limit }: IssueScope,
): Promise<PaymentDoc[]> {
  const line = (type: string, price: string) => ({ type, amount: `${price}.amount`, currency: `${price}.currency` });
  const types = { $ifNull: [{ $first: '$event.ticketTypes' }, []] };
  const prices = { $map: { input: types, in: line('$$this.id', '$$this.price') } };
  const hasPrice = { $in: [line('$$this.type', '$$this.price'), '$prices'] };
  const lines = { $ifNull: [{ $first: '$booking.tickets' }, []] };
  const found = await payments
    .aggregate<PaymentDoc>([
      { $match: { ...ofEvent(eventId), isTooSmall: true } },
      { $sort: { createdAt: 1 } },
      { $group: { _id: '$eventId', payment: { $last: '$$ROOT' } } },
      { $replaceWith: '$payment' },
      { $lookup: { from: 'events', localField: 'eventId', foreignField: '_id', as: 'event' } },
      { $lookup: { from: 'bookings', localField: 'bookingId', foreignField: '_id', as: 'booking' } },
      { $set: { prices } },
      {
        $match: {
          'event.status': 'published',
          $expr: { $allElementsTrue: { $map: { input: lines, in: hasPrice } } },
        },
      },
      { $sort: { createdAt: 1 } },
      { $limit: limit },
      { $unset: ['event', 'booking', 'prices'] },
    ])
    .exec();
  return found.map(completePayment);
}

/** Payment jobs that have given up. */
export function findFailedPaymentJobs({ jobs }: Pick<Models, 'jobs'>, limit: number): Promise<JobDoc[]> {
  const failed = { state: 'failed' as const, kind: { $in: [REFUND_JOB, CANCEL_CHECKOUT_JOB] } };
  return jobs.find(failed).limit(limit).lean<JobDoc[]>().exec();
}

/** The payments with these ids, by id. */
export async function findPayments(
  { payments }: PaymentModels,
  ids: readonly string[],
  { eventId }: Pick<IssueScope, 'eventId'>,
): Promise<Map<string, PaymentDoc>> {
  const found = await payments.find({ ...ofEvent(eventId), _id: { $in: ids } }).lean<PaymentDoc[]>();
  return new Map(found.map((payment) => [payment._id.toHexString(), payment]));
}

/** The codes of the payments' bookings and the titles of their events, each by id. */
export async function findPaymentLabels(
  { bookings, events }: Pick<Models, 'bookings' | 'events'>,
  payments: readonly PaymentDoc[],
): Promise<{ codes: Map<string, string>; titles: Map<string, string> }> {
  const codes = await bookings
    .find({ _id: { $in: payments.map(({ bookingId }) => bookingId) } })
    .lean<Pick<BookingDoc, '_id' | 'code'>[]>();
  const titles = await events
    .find({ _id: { $in: payments.map(({ eventId }) => eventId) } })
    .lean<Pick<EventDoc, '_id' | 'title'>[]>();
  return {
    codes: new Map(codes.map(({ _id, code }) => [_id.toHexString(), code])),
    titles: new Map(titles.map(({ _id, title }) => [_id.toHexString(), title])),
  };
}

/**
 * Removes a user's mail address from payments; resolves with the number of payments that still need it. An attempt
 * whose checkout may not be open yet keeps the address: a retry must send the provider the same request under the same
 * key, or an unknown checkout stays open and is paid.
 */
export async function removePayerAddress(
  { payments }: PaymentModels,
  userId: string,
  session?: Session,
): Promise<number> {
  const options = session ? { session } : {};
  const known = { userId: new Types.ObjectId(userId), 'terms.email': { $ne: '' } };
  const isSent = { $or: [{ reference: { $type: 'string' } }, { status: { $in: ['ended', 'paid'] } }] };
  await payments.collection.updateMany({ ...known, ...isSent } as object, { $set: { 'terms.email': '' } }, options);
  return payments.collection.countDocuments(known, options);
}

function ofEvent(eventId: string | null): { eventId?: Types.ObjectId } {
  return eventId === null ? {} : { eventId: Types.ObjectId.createFromHexString(eventId) };
}
