import { Types } from 'mongoose';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';
import { completeReceipt } from '#server/models/receipts/receipt.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { InvoiceAddress } from '#shared/receipts/receipt.ts';
import {
  addressChanges,
  addressStatements,
  dueStatements,
  isSameAddress,
  remainderOf,
  validReceipt,
} from './due-receipts.ts';
import type { ReceiptStoreOptions } from './receipt-store.ts';
import { createReceiptStore, IN_ORDER } from './receipt-store.ts';
import { createSharedRuns } from './shared-runs.ts';

/** A buyer corrects a typing error or two; each change costs two numbers. */
const MOST_ADDRESS_CHANGES = 5;

/** A payment whose receipts are issued; `address`: of its first receipt, if none was issued before. */
interface IssuedPayment {
  paymentId: Types.ObjectId;
  address: InvoiceAddress | null;
}

interface ReceiptsOptions extends ReceiptStoreOptions {
  withTransaction: WithTransaction;
}

export type Receipts = ReturnType<typeof createReceipts>;

/** Issues receipts and cancellations for payments that bought bookings, each once, with numbers without gaps. */
export function createReceipts({ models, withTransaction, settings, now }: ReceiptsOptions) {
  const { payments, receipts } = models;
  const { ensureSeries, read, store, markIssued } = createReceiptStore({ models, settings, now });

  /**
   * Issues all that these payments lack, in the order in which their money was taken. Numbers are taken in the transaction
   * that stores the receipts: they have no gaps, whoever is killed.
   */
  function issue(paymentIds: readonly Types.ObjectId[]): Promise<void> {
    return issueShared(paymentIds.map((paymentId) => ({ paymentId, address: null })));
  }

  const issueShared = createSharedRuns<IssuedPayment>(async (wanted) => {
    await ensureSeries();
    const ids = wanted.map(({ paymentId }) => paymentId);
    const addressed = wanted.filter(({ address }) => address !== null);
    const addresses = new Map(addressed.map(({ paymentId, address }) => [paymentId.toHexString(), address]));
    const stated = await withTransaction(async (session) => {
      const stored = await read(ids, session);
      const due = stored.payments.flatMap((payment) => {
        const address = addresses.get(payment._id.toHexString()) ?? null;
        const statements = dueStatements(payment, stored.knownOf(payment));
        return statements.map((statement) => ({ statement, payment, address }));
      });
      await store(due, session);
      return stored.payments;
    });
    await markIssued(stated);
  });

  /** The receipts of a booking in the order of their numbers; issues what is due first, so that none is awaited. */
  async function ofBooking(bookingId: Types.ObjectId): Promise<ReceiptDoc[]> {
    const due = await payments.find({ bookingId, bought: true }, { _id: 1, isReceiptDue: 1 }).lean<PaymentDoc[]>();
    const missing = due.filter(({ isReceiptDue }) => isReceiptDue !== false).map(({ _id }) => _id);
    if (missing.length > 0) await issue(missing);
    return receipts.find({ bookingId }).sort(IN_ORDER).lean<ReceiptDoc[]>();
  }

  function ofUser(userId: string): Promise<ReceiptDoc[]> {
    return receipts
      .find({ userId: new Types.ObjectId(userId) })
      .sort(IN_ORDER)
      .lean<ReceiptDoc[]>()
      .exec();
  }

  /**
   * Makes the booking's receipt out to an address. Where a receipt has no address yet that was not issued with one, or has
   * another one, it is cancelled and issued anew; the same address again changes nothing. `INVALID_STATE` with
   * `details.reason`: `unpaid`, `refunded`, `changes`.
   */
  async function changeAddress(bookingId: Types.ObjectId, address: InvoiceAddress): Promise<Result<null>> {
    const payment = await payments.findOne({ bookingId, bought: true }, { _id: 1 }).lean<Pick<PaymentDoc, '_id'>>();
    if (!payment) return invalidState('unpaid');
    await issueShared([{ paymentId: payment._id, address }]);
    return withTransaction<Result<null>>(async (session) => {
      const stored = await read([payment._id], session);
      const [present] = stored.payments;
      const known = present ? stored.knownOf(present) : [];
      const valid = validReceipt(known);
      if (!present || !valid) throw new Error(`Payment ${String(payment._id)} has no receipt`);
      if (isSameAddress(valid.buyer.address, address)) return ok(null);
      const refusal = addressRefusal(present, known);
      if (refusal !== null) return invalidState(refusal);
      const due = addressStatements(valid, addressChanges(known) + 1).map((statement) => ({
        statement,
        payment: present,
        address,
      }));
      await store(due, session);
      return ok(null);
    });
  }

  /** All receipts that fit, in the order in which they were issued. */
  async function* all({ eventId, from, to }: ReceiptFilter): AsyncGenerator<ReceiptDoc> {
    const issuedAt = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
    const filter = { ...(eventId && { eventId: new Types.ObjectId(eventId) }), ...((from ?? to) && { issuedAt }) };
    const order = { issuedAt: 1, series: 1, number: 1 } as const;
    for await (const receipt of receipts.find(filter).sort(order).lean<ReceiptDoc[]>().cursor())
      yield completeReceipt(receipt);
  }

  return { issue, ofBooking, ofUser, changeAddress, all };
}

/** Receipts of one event, and those issued from a time on, and before another one. */
interface ReceiptFilter {
  eventId?: string;
  from?: Date;
  to?: Date;
}

function invalidState(reason: string) {
  return refuse('INVALID_STATE', { details: { reason } });
}

/** Why the address of a receipt cannot be changed any more; null if it can. */
function addressRefusal({ refunds }: Pick<PaymentDoc, 'refunds'>, known: readonly ReceiptDoc[]): string | null {
  const valid = validReceipt(known);
  const isRefunded = refunds.some(({ status }) => status !== 'void');
  if (isRefunded || !valid || remainderOf(valid, known) < valid.gross) return 'refunded';
  return addressChanges(known) >= MOST_ADDRESS_CHANGES ? 'changes' : null;
}

/** Whether an invoice address can be entered for a booking with these receipts. */
export function mayChangeAddress(known: readonly ReceiptDoc[]): boolean {
  const valid = validReceipt(known);
  return (
    valid !== undefined && remainderOf(valid, known) === valid.gross && addressChanges(known) < MOST_ADDRESS_CHANGES
  );
}
