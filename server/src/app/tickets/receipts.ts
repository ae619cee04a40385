import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import type { Models } from '#server/models/models.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';
import type { WithTransaction } from '#server/mongo/with-transaction.ts';
import { createReceiptSweep } from '#server/receipts/receipt-sweep.ts';
import { toReceipt } from '#server/receipts/receipt-views.ts';
import { createReceipts } from '#server/receipts/receipts.ts';
import type { ReceiptPdfInput } from '#server/tickets/receipts/receipt-pdf.ts';

interface ReceiptComposition {
  config: Pick<Config, 'receipts' | 'siteName'>;
  models: Models;
  withTransaction: WithTransaction;
  printer: { printReceipt(receipt: ReceiptPdfInput): Promise<Uint8Array | null> };
  now: Now;
}

/** Receipts: issued for payments, and printed. */
export function composeReceipts({ config, models, withTransaction, printer, now }: ReceiptComposition) {
  const receipts = createReceipts({ models, withTransaction, settings: config.receipts, now });

  /** The receipt without the ids, whose classes a thread does not take. */
  async function printReceipt(receipt: ReceiptDoc): Promise<Buffer | null> {
    const {
      _id,
      fact: _fact,
      paymentId: _payment,
      bookingId: _booking,
      eventId: _event,
      userId: _user,
      ...printed
    } = receipt;
    const pdf = await printer.printReceipt({ ...printed, siteName: config.siteName });
    return pdf && Buffer.from(pdf.buffer as ArrayBuffer, pdf.byteOffset, pdf.byteLength);
  }

  /** The receipts of an account, for its export. */
  const ofAccount = async (userId: string) => (await receipts.ofUser(userId)).map(toReceipt);

  return { receipts, printReceipt, ofAccount, sweep: createReceiptSweep({ models, receipts, now }) };
}
