import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { shownEmail } from '#server/models/accounts/shown-email.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ReceiptDoc, ReceiptSeriesDoc } from '#server/models/receipts/receipt.ts';
import { insertedOnce } from '#server/mongo/duplicate-key.ts';
import type { InvoiceAddress } from '#shared/receipts/receipt.ts';
import type { Statement } from './due-receipts.ts';

/** A later number is never dated earlier; another series has later dates. */
export const IN_ORDER = { issuedAt: 1, number: 1 } as const;

/** What the operator's settings say about receipts. */
interface ReceiptSettings {
  /** Printed before each number; numbers count from 1 in each series. */
  series: string;
  /** Null: receipts name no seller, and are no invoices. */
  seller: ReceiptDoc['seller'];
  note: string | null;
}

/** What a receipt states, of which payment, and to whom. */
interface DueReceipt {
  statement: Statement;
  payment: PaymentDoc;
  address: InvoiceAddress | null;
}

export interface ReceiptStoreOptions {
  models: Pick<Models, 'payments' | 'bookings' | 'users' | 'receipts' | 'receiptSeries'>;
  settings: ReceiptSettings;
  now: Now;
}

/** Reads and writes receipts in the transaction of a session. */
export function createReceiptStore({ models, settings, now }: ReceiptStoreOptions) {
  const { payments, receipts, receiptSeries } = models;
  let hasSeries = false;

  /** The series has to be there before: two transactions that insert it would end one another. */
  async function ensureSeries(): Promise<void> {
    if (hasSeries) return;
    const first = { $setOnInsert: { last: 0, lastAt: null } };
    await insertedOnce(() => receiptSeries.updateOne({ _id: settings.series }, first, { upsert: true }));
    hasSeries = true;
  }

  async function read(paymentIds: readonly Types.ObjectId[], session: ClientSession) {
    const found = await payments
      .find({ _id: { $in: paymentIds }, bought: true })
      .sort({ paidAt: 1, _id: 1 })
      .session(session)
      .lean<PaymentDoc[]>();
    const known = await receipts
      .find({ paymentId: { $in: paymentIds } })
      .sort(IN_ORDER)
      .session(session)
      .lean<ReceiptDoc[]>();
    const byPayment = Map.groupBy(known, ({ paymentId }) => paymentId.toHexString());
    return {
      payments: found,
      knownOf: ({ _id }: Pick<PaymentDoc, '_id'>) => byPayment.get(_id.toHexString()) ?? [],
    };
  }

  /** Numbers the statements and stores them; the series is the one document that all who do so write. */
  async function store(due: readonly DueReceipt[], session: ClientSession): Promise<void> {
    if (due.length === 0) return;
    const about = await factsOf(due.map(({ payment }) => payment));
    const series = await receiptSeries
      .findOneAndUpdate(
        { _id: settings.series },
        { $inc: { last: due.length }, $max: { lastAt: now() } },
        { session, returnDocument: 'after' },
      )
      .lean<ReceiptSeriesDoc>();
    if (!series?.lastAt) throw new Error(`The series ${settings.series} of receipts is missing`);
    const at = series.lastAt;
    const before = series.last - due.length;
    const docs: ReceiptDoc[] = [];
    let receipt: ReceiptDoc | null = null;
    for (const [index, { statement, payment, address }] of due.entries()) {
      const { cancels, ...stated } = statement;
      const cancelled = cancels === 'new' ? receipt : cancels;
      const doc: ReceiptDoc = {
        _id: new Types.ObjectId(),
        series: settings.series,
        number: before + index + 1,
        ...stated,
        paymentId: payment._id,
        bookingId: payment.bookingId,
        eventId: payment.eventId,
        userId: payment.userId,
        issuedAt: at,
        cancels: cancelled && { series: cancelled.series, number: cancelled.number, issuedAt: cancelled.issuedAt },
        ...about(payment, cancelled, address),
      };
      docs.push(doc);
      if (doc.kind === 'receipt') receipt = doc;
    }
    await receipts.collection.insertMany(docs, { session, ordered: true });
  }

  /** What receipts say besides: of a cancellation what the receipt said, else what is so now. */
  async function factsOf(of: readonly PaymentDoc[]) {
    const users = await models.users
      .find({ _id: { $in: of.map(({ userId }) => userId) } }, { name: 1, email: 1 })
      .lean<Pick<UserDoc, '_id' | 'name' | 'email'>[]>();
    const bookings = await models.bookings
      .find({ _id: { $in: of.map(({ bookingId }) => bookingId) } }, { code: 1, eventId: 1 })
      .lean<Pick<BookingDoc, '_id' | 'code'>[]>();
    const userOf = new Map(users.map((user) => [user._id.toHexString(), user]));
    const codeOf = new Map(bookings.map(({ _id, code }) => [_id.toHexString(), code]));
    return ({ terms, userId, bookingId }: PaymentDoc, cancelled: ReceiptDoc | null, address: InvoiceAddress | null) => {
      const { title, venue, timeZone, startsAt, locale } = terms;
      if (cancelled) {
        const { code, event, seller, note, buyer } = cancelled;
        return { code, event, seller, note, buyer, locale: cancelled.locale };
      }
      const user = userOf.get(userId.toHexString());
      return {
        code: codeOf.get(bookingId.toHexString()) ?? '',
        event: { title, venue, timeZone, startsAt },
        seller: settings.seller,
        note: settings.note,
        buyer: { name: user?.name ?? '', email: shownEmail(user?.email ?? ''), address },
        locale,
      };
    };
  }

  /** A payment that has changed since it was read stays due. */
  async function markIssued(stated: readonly Pick<PaymentDoc, '_id' | 'version'>[]): Promise<void> {
    if (stated.length === 0) return;
    const operations = stated.map(({ _id, version }) => ({
      updateOne: { filter: { _id, version }, update: { $set: { isReceiptDue: false } } },
    }));
    await payments.collection.bulkWrite(operations, { ordered: false });
  }

  return { ensureSeries, read, store, markIssued };
}
