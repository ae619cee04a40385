import type { ClientSession, Collection, Db, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ReceiptDoc, ReceiptSeriesDoc } from '#server/models/receipts/receipt.ts';
import type { PaymentDifference } from './unmatched-payments.ts';

/** Enough examples to find the cause. */
const MAX_DIFFERENCES = 20;
/** How long the receipts of a changed payment may take. */
const ISSUED_WITHIN_MS = 600_000;

export interface ReceiptCollections {
  payments: Collection<PaymentDoc>;
  receipts: Collection<ReceiptDoc>;
  series: Collection<ReceiptSeriesDoc>;
}

export function receiptCollections(database: Db): ReceiptCollections {
  return {
    payments: database.collection<PaymentDoc>('payments'),
    receipts: database.collection<ReceiptDoc>('receipts'),
    series: database.collection<ReceiptSeriesDoc>('receiptSeries'),
  };
}

const sumOf = (list: Document, field: string) => ({ $sum: { $map: { input: list, in: `$$this.${field}` } } });
const refundsThat = (cond: Document) => sumOf({ $filter: { input: { $ifNull: ['$refunds', []] }, cond } }, 'amount');
const receiptsOf = (kind: ReceiptDoc['kind']) =>
  sumOf({ $filter: { input: '$receipts', cond: { $eq: ['$$this.kind', kind] } } }, 'gross');
const isOld = (time: Document | string) => ({ $lt: [time, { $subtract: ['$$NOW', ISSUED_WITHIN_MS] }] });

/**
 * Receipts state what is kept of a payment. A refund that the bank returned was stated, and is on its way again; what a
 * dispute took beyond the payment is not stated.
 */
const DIFFERS: Document = {
  $cond: [
    { $eq: ['$isReceiptDue', false] },
    {
      $or: [{ $gt: ['$stated', '$kept'] }, { $lt: ['$stated', { $subtract: ['$kept', '$open'] }] }],
    },
    { $and: [isOld('$updatedAt'), isOld({ $toDate: '$_id' })] },
  ],
};

interface DifferingPayment {
  _id: Types.ObjectId;
  stated: number;
  kept: number;
}

/** Payments that bought bookings of the event, and whose receipts are missing or state another amount. */
export async function findReceiptDifferences(
  { payments }: Pick<ReceiptCollections, 'payments'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<PaymentDifference[]> {
  const done = refundsThat({ $eq: ['$$this.status', 'done'] });
  const pipeline = [
    { $match: { eventId, bought: true } },
    { $lookup: { from: 'receipts', localField: '_id', foreignField: 'paymentId', as: 'receipts' } },
    {
      $project: {
        isReceiptDue: 1,
        updatedAt: 1,
        kept: { $max: [0, { $subtract: ['$paid.amount', done] }] },
        open: refundsThat({ $not: { $in: ['$$this.status', ['done', 'void']] } }),
        stated: { $subtract: [receiptsOf('receipt'), receiptsOf('cancellation')] },
      },
    },
    { $match: { $expr: DIFFERS } },
    { $limit: MAX_DIFFERENCES },
  ];
  const found = await payments.aggregate<DifferingPayment>(pipeline, { session }).toArray();
  return found.map(({ _id, stated, kept }) => ({
    paymentId: _id.toHexString(),
    what: `the receipts of payment ${_id.toHexString()} state ${stated}, ${kept} of it is kept`,
  }));
}

/** Numbers of receipts that are missing, in sentences for operators. */
export async function findMissingNumbers({ receipts, series }: ReceiptCollections): Promise<string[]> {
  const found: string[] = [];
  for (const { _id, last } of await series.find().sort({ _id: 1 }).toArray()) {
    const count = await receipts.countDocuments({ series: _id });
    // A receipt that is issued meanwhile is counted too.
    if (count >= last) continue;
    found.push(...(await missingNumbers(receipts, { series: _id, last })));
  }
  return found;
}

async function missingNumbers(
  receipts: Collection<ReceiptDoc>,
  { series, last }: { series: string; last: number },
): Promise<string[]> {
  const missing: number[] = [];
  let expected = 1;
  const numbers = receipts.find({ series }, { projection: { _id: 0, number: 1 }, sort: { number: 1 } });
  for await (const { number } of numbers) {
    for (; expected < number && missing.length < MAX_DIFFERENCES; expected += 1) missing.push(expected);
    expected = number + 1;
  }
  for (; expected <= last && missing.length < MAX_DIFFERENCES; expected += 1) missing.push(expected);
  return missing.map((number) => `receipt ${number} of the series ${series} is missing`);
}
