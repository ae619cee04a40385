import { isInvoice } from '#server/models/receipts/is-invoice.ts';
import { numberText } from '#server/models/receipts/receipt-number.ts';
import type { ReceiptDoc } from '#server/models/receipts/receipt.ts';
import type { Receipt } from '#shared/receipts/receipt.ts';

/** A receipt as its buyer and organisers receive it. */
export function toReceipt(doc: ReceiptDoc): Receipt {
  const { kind, cancels, gross, tax, taxRate, currency, buyer } = doc;
  return {
    number: numberText(doc),
    kind,
    bookingId: doc.bookingId.toHexString(),
    issuedAt: doc.issuedAt.toISOString(),
    cancels: cancels && numberText(cancels),
    gross: { amount: gross, currency },
    tax: tax === null ? null : { amount: tax, currency },
    taxRate,
    isInvoice: isInvoice(doc),
    address: buyer.address,
  };
}
