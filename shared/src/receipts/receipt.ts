import { z } from 'zod';
import { id, money, singleLine, time } from '../protocol/primitives.ts';

/** Whom an invoice is made out to. `name`: a company or a person; `vatId`: the number for value added tax, if there is one. */
const invoiceAddress = z.strictObject({
  name: singleLine(120),
  street: singleLine(120),
  postcode: singleLine(20),
  city: singleLine(80),
  country: singleLine(60),
  vatId: singleLine(20).optional(),
});
export type InvoiceAddress = z.infer<typeof invoiceAddress>;

/** `POST /api/bookings/:id/invoice-address`. */
export const invoiceAddressInput = invoiceAddress;

/**
 * A receipt of a booking. `cancellation`: it takes back what `cancels`, another receipt, has stated, or a part of that;
 * its amounts are positive all the same. `tax` is contained in `gross`; null where the event had no tax rate, in per cent.
 * `isInvoice`: it states all that an invoice needs.
 */
const receipt = z.object({
  number: z.string(),
  kind: z.enum(['receipt', 'cancellation']),
  bookingId: id,
  issuedAt: time,
  cancels: z.string().nullable(),
  gross: money,
  tax: money.nullable(),
  taxRate: z.number().nullable(),
  isInvoice: z.boolean(),
  address: invoiceAddress.nullable(),
});
export type Receipt = z.infer<typeof receipt>;

/**
 * A booking's receipts, in the order of their numbers. `mayChangeAddress`: an invoice address can be entered; not after a
 * refund, and not without end.
 */
export const receiptList = z.object({ receipts: z.array(receipt), mayChangeAddress: z.boolean() });
export type ReceiptList = z.infer<typeof receiptList>;

/** `GET /api/receipts.csv`, from `from` on and before `to`; absent: all. */
export const receiptsFileInput = z.strictObject({
  eventId: id.optional(),
  from: time.optional(),
  to: time.optional(),
});
