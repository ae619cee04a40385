import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import { CLOSED_ACCOUNT } from '#server/models/accounts/closed-account.ts';
import type { RefundCause } from '#shared/checkout.ts';
import type { PaymentCollections } from '../store/collections.ts';
import { ticketsPrice } from '../store/queries/count-tickets.ts';

/** Enough examples to find the cause. */
const MAX_DIFFERENCES = 20;

/** A disagreement on a payment; `what` is a sentence for operators. */
export interface PaymentDifference {
  what: string;
  /** The payment, if it is neither its booking's price nor refunded. */
  paymentId?: string;
}

/** A payment that is neither its booking's price nor refunded. Amounts in minor units. */
interface UnmatchedPayment {
  _id: Types.ObjectId;
  bookingId: Types.ObjectId;
  /** The amount that arrived. */
  captured: number | null;
  /** The sum of all refunds, pending ones too. */
  refunded: number;
  status: string | null;
  price: number | null;
}

const bookingField = (field: string) => ({ $first: `$booking.${field}` });
const sumOf = (refunds: Document) => ({ $sum: { $map: { input: refunds, in: '$$this.amount' } } });
const DONE = { $filter: { input: '$refunds', cond: { $eq: ['$$this.status', 'done'] } } };

/**
 * A payment that bought a confirmed booking keeps the whole price, or less if an organiser refunded a part, or money
 * went back at the provider; any other payment keeps nothing. A dispute may take what was refunded before.
 */
const IS_WRONG: Document = {
  $cond: [
    { $and: ['$bought', { $eq: ['$status', 'confirmed'] }] },
    {
      $or: [
        { $gt: ['$kept', '$price'] },
        { $and: [{ $not: '$isDisputed' }, { $lt: ['$kept', { $cond: ['$partRefunded', 0, '$price'] }] }] },
        { $ne: ['$shown', '$done'] },
      ],
    },
    { $cond: ['$isDisputed', { $gt: ['$kept', 0] }, { $ne: ['$kept', 0] }] },
  ],
};

const PART_CAUSES: RefundCause[] = ['organiser', 'provider', 'dispute'];
const causes = { $ifNull: ['$refunds.cause', []] };

const UNMATCHED: Document[] = [
  { $lookup: { from: 'bookings', localField: 'bookingId', foreignField: '_id', as: 'booking' } },
  {
    $project: {
      bookingId: 1,
      bought: 1,
      captured: '$paid.amount',
      refunded: sumOf({ $ifNull: ['$refunds', []] }),
      done: sumOf(DONE),
      partRefunded: { $gt: [{ $size: { $setIntersection: [PART_CAUSES, causes] } }, 0] },
      isDisputed: { $in: ['dispute', causes] },
      status: bookingField('status'),
      shown: bookingField('payment.refundedAmount'),
      price: ticketsPrice(bookingField('tickets')),
    },
  },
  { $set: { kept: { $subtract: ['$captured', '$refunded'] } } },
  { $match: { $expr: IS_WRONG } },
  { $limit: MAX_DIFFERENCES },
];

/** [I5] Captured money is a confirmed booking or a refund, and every confirmed booking with a price was paid for. */
export async function findUnmatchedPayments(
  { payments, bookings }: PaymentCollections,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<PaymentDifference[]> {
  const unmatchedPipeline = [{ $match: { eventId, status: 'paid' } }, ...UNMATCHED];
  const unmatched = await payments.aggregate<UnmatchedPayment>(unmatchedPipeline, { session }).toArray();
  const unpaidPipeline = [
    { $match: { eventId, status: 'confirmed', 'tickets.price.amount': { $gt: 0 } } },
    { $lookup: { from: 'payments', localField: '_id', foreignField: 'bookingId', as: 'payments' } },
    { $match: { 'payments.bought': { $ne: true } } },
    { $limit: MAX_DIFFERENCES },
    { $project: { _id: 1 } },
  ];
  const unpaid = await bookings.aggregate<{ _id: Types.ObjectId }>(unpaidPipeline, { session }).toArray();
  return [
    ...unmatched.map(describePayment),
    ...(await ownerlessDifferences({ payments }, eventId, session)),
    ...unpaid.map(({ _id }) => ({ what: `booking ${_id.toHexString()} is confirmed without a payment` })),
    ...(await demoDifferences({ payments }, eventId, session)),
  ];
}

function describePayment({ _id, bookingId, captured, refunded, status, price }: UnmatchedPayment): PaymentDifference {
  const paymentId = _id.toHexString();
  const booking = `booking ${bookingId.toHexString()} (${status ?? 'missing'}, price ${price ?? 0})`;
  return {
    paymentId,
    what: `payment ${paymentId} captured ${captured ?? 'nothing'} and refunds ${refunded}: ${booking}`,
  };
}

/** How long the bookings of a closed account may wait for their cancellation, which a job carries out twice. */
const CANCELLED_WITHIN_MS = 180_000;

/** Paid bookings of a coming event that belong to closed accounts: their money has to go back. */
async function ownerlessDifferences(
  { payments }: Pick<PaymentCollections, 'payments'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<PaymentDifference[]> {
  const lookup = (from: string, localField: string, foreignField: string, as: string) => ({
    $lookup: { from, localField, foreignField, as },
  });
  const closedBy = { $subtract: ['$$NOW', CANCELLED_WITHIN_MS] };
  const ends = { $ifNull: [{ $first: '$event.endsAt' }, { $first: '$event.startsAt' }] };
  const ownerless = [
    { $match: { eventId, bought: true } },
    // As `closedAccountKey` makes it.
    { $set: { closedKey: { $concat: [`${CLOSED_ACCOUNT}:`, { $toString: '$userId' }, ':0'] } } },
    lookup('jobs', 'closedKey', 'key', 'closed'),
    { $match: { 'closed.0': { $exists: true }, $expr: { $lt: [{ $first: '$closed.createdAt' }, closedBy] } } },
    lookup('bookings', 'bookingId', '_id', 'booking'),
    lookup('events', 'eventId', '_id', 'event'),
    { $match: { 'booking.status': 'confirmed', $expr: { $gt: [ends, '$$NOW'] } } },
    { $limit: MAX_DIFFERENCES },
    { $project: { bookingId: 1 } },
  ];
  const found = await payments.aggregate<Pick<UnmatchedPayment, '_id' | 'bookingId'>>(ownerless, { session }).toArray();
  return found.map(({ _id, bookingId }) => ({
    paymentId: _id.toHexString(),
    what: `payment ${_id.toHexString()} bought booking ${bookingId.toHexString()} for a closed account`,
  }));
}

/** How long a payment may be known to the provider alone, until its webhook or the poller reports it. */
const REPORTED_WITHIN_MS = 180_000;

/** Compares with the demo provider's own records, which a real provider would send as a statement. */
async function demoDifferences(
  { payments }: Pick<PaymentCollections, 'payments'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<PaymentDifference[]> {
  const reportedBy = { $subtract: ['$$NOW', REPORTED_WITHIN_MS] };
  const sent = { $filter: { input: '$refunds', cond: { $in: ['$$this.status', ['pending', 'done']] } } };
  const differing = [
    { $match: { eventId, provider: 'demo', reference: { $type: 'string' } } },
    { $lookup: { from: 'demoCheckouts', localField: 'reference', foreignField: '_id', as: 'demo' } },
    { $set: { demo: { $first: '$demo' }, sent: sumOf(sent) } },
    {
      $match: {
        $expr: {
          $or: [
            { $and: [{ $eq: ['$status', 'paid'] }, { $ne: ['$paid.amount', '$demo.paid.amount'] }] },
            { $and: [{ $ne: ['$status', 'paid'] }, { $lt: [{ $ifNull: ['$demo.paidAt', '$$NOW'] }, reportedBy] }] },
            { $lt: ['$demo.refunded', '$sent'] },
          ],
        },
      },
    },
    { $limit: MAX_DIFFERENCES },
    { $project: { _id: 1 } },
  ];
  const found = await payments.aggregate<{ _id: Types.ObjectId }>(differing, { session }).toArray();
  return found.map(({ _id }) => ({
    what: `payment ${_id.toHexString()} differs from the records of the demo provider`,
  }));
}
