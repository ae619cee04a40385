import type { PaidTickets } from '#server/booking/rules/payments/attempt.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ReceiptDoc, ReceiptLine } from '#server/models/receipts/receipt.ts';
import type { CheckoutLine } from '#shared/checkout.ts';
import { containedTax } from '#shared/money/contained-tax.ts';
import type { InvoiceAddress } from '#shared/receipts/receipt.ts';

/** What a receipt states, before it has its number and time, and before it says of whom and for what it is. */
export type Statement = Pick<
  ReceiptDoc,
  'kind' | 'fact' | 'paidAt' | 'cause' | 'lines' | 'gross' | 'tax' | 'taxRate' | 'currency'
> & {
  /** Of a cancellation: whether it takes back the receipt that the same run issues, or this known one. */
  cancels: ReceiptDoc | 'new' | null;
};

/** A payment that bought its booking, as far as receipts state it. */
type StatedPayment = Pick<
  PaymentDoc,
  '_id' | 'amount' | 'currency' | 'seats' | 'terms' | 'paid' | 'paidAt' | 'refunds'
>;

/** The receipt of a payment that is valid: the last one, because another address has replaced those before. */
export function validReceipt(known: readonly ReceiptDoc[]): ReceiptDoc | undefined {
  return known.findLast(({ kind }) => kind === 'receipt');
}

/** What is left of a receipt once its cancellations are taken off, in minor units. */
export function remainderOf(receipt: ReceiptDoc, known: readonly ReceiptDoc[]): number {
  return known.reduce(
    (left, { cancels, gross }) => (isSameNumber(cancels, receipt) ? left - gross : left),
    receipt.gross,
  );
}

function isSameNumber(one: ReceiptDoc['cancels'], other: ReceiptDoc): boolean {
  return one !== null && one.series === other.series && one.number === other.number;
}

/**
 * The receipts that a payment lacks: its own, and a cancellation for each refund whose money has gone back. `known`: its
 * receipts by their numbers. A refund that failed and was made up for by hand is stated once: what is stated never exceeds
 * what went back, nor what was paid.
 */
export function dueStatements(payment: StatedPayment, known: readonly ReceiptDoc[]): Statement[] {
  const valid = validReceipt(known);
  const first = valid ? [] : [receiptOf(payment)];
  const gross = valid?.gross ?? paidAmount(payment);
  const due: Statement[] = [...first];
  let left = valid ? remainderOf(valid, known) : gross;
  const done = payment.refunds.filter(({ status }) => status === 'done').toSorted(byTime);
  let unstated = done.reduce((sum, { amount }) => sum + amount, 0) - (gross - left);
  for (const refund of done) {
    if (known.some(({ fact }) => fact === refund.key)) continue;
    const amount = Math.min(refund.amount, unstated, left);
    if (amount <= 0) continue;
    const rate = valid ? valid.taxRate : taxRateOf(payment);
    due.push({
      kind: 'cancellation',
      fact: refund.key,
      paidAt: refund.doneAt ?? refund.at,
      cause: refund.cause,
      cancels: valid ?? 'new',
      lines: linesOfRefund(payment, refund.tickets, amount),
      gross: amount,
      // The difference, and not the tax of the part: together all parts have the tax of the whole.
      tax: rate === null ? null : containedTax(left, rate) - containedTax(left - amount, rate),
      taxRate: rate,
      currency: currencyOf(payment),
    });
    left -= amount;
    unstated -= amount;
  }
  return due;
}

function receiptOf(payment: StatedPayment): Statement {
  const gross = paidAmount(payment);
  const taxRate = taxRateOf(payment);
  return {
    kind: 'receipt',
    fact: payment._id.toHexString(),
    paidAt: payment.paidAt ?? payment._id.getTimestamp(),
    cause: null,
    cancels: null,
    lines: linesOf(payment, gross),
    gross,
    tax: taxRate === null ? null : containedTax(gross, taxRate),
    taxRate,
    currency: currencyOf(payment),
  };
}

/**
 * Replaces a receipt by one with another address: a cancellation, then the new receipt. Only for a receipt of which nothing
 * was given back. `change`: the number of the change, from 1.
 */
export function addressStatements(valid: ReceiptDoc, change: number): [cancellation: Statement, receipt: Statement] {
  const { lines, gross, tax, taxRate, currency, paidAt } = valid;
  const same = { lines, gross, tax, taxRate, currency, paidAt };
  const fact = `${valid.paymentId.toHexString()}:address:${change}`;
  return [
    { ...same, kind: 'cancellation', fact: `${fact}:cancelled`, cause: 'address', cancels: valid },
    { ...same, kind: 'receipt', fact, cause: null, cancels: null },
  ];
}

/** How often the address of a payment's receipt was changed. */
export function addressChanges(known: readonly ReceiptDoc[]): number {
  return known.filter(({ cause }) => cause === 'address').length;
}

export function isSameAddress(one: InvoiceAddress | null, other: InvoiceAddress): boolean {
  if (one === null) return false;
  const names = ['name', 'street', 'postcode', 'city', 'country', 'vatId'] as const;
  return names.every((name) => one[name] === other[name]);
}

function byTime(a: { doneAt: Date | null; at: Date }, b: { doneAt: Date | null; at: Date }): number {
  return (a.doneAt ?? a.at).getTime() - (b.doneAt ?? b.at).getTime();
}

function paidAmount({ paid, amount }: StatedPayment): number {
  return paid?.amount ?? amount;
}

function currencyOf({ paid, currency }: StatedPayment): string {
  return paid?.currency ?? currency;
}

/** As it was when the buyer paid. */
function taxRateOf({ terms }: StatedPayment): number | null {
  return terms.taxRate ?? null;
}

function linesOf({ seats, terms }: StatedPayment, gross: number): ReceiptLine[] {
  return terms.lines ? terms.lines.map(ticketLine) : [seatLine(seats, gross / seats)];
}

const UNNAMED = { name: '', discount: 0 } as const;

function seatLine(count: number, amount: number): ReceiptLine {
  return { kind: 'seat', ...UNNAMED, count, amount };
}

/** Null if the price of the seats is not known, because they were bought by ticket types. */
function ticketLines(
  { seats: bought, terms, ...payment }: StatedPayment,
  { seats, lines }: PaidTickets,
): ReceiptLine[] | null {
  if (lines) return lines.map(ticketLine);
  return terms.lines ? null : [seatLine(seats, (payment.paid?.amount ?? payment.amount) / bought)];
}

function ticketLine({ name, count, amount, discount = 0 }: CheckoutLine): ReceiptLine {
  return { kind: 'ticket', name, count, amount, discount };
}

/** The cancelled tickets, and how far what goes back for them differs from what they cost. */
function linesOfRefund(payment: StatedPayment, tickets: PaidTickets | undefined, amount: number): ReceiptLine[] {
  const lines = tickets ? ticketLines(payment, tickets) : null;
  if (!lines) return [{ kind: 'amount', ...UNNAMED, count: 1, amount }];
  const difference = amount - lines.reduce((sum, line) => sum + line.count * line.amount, 0);
  return difference === 0 ? lines : [...lines, { kind: 'difference', ...UNNAMED, count: 1, amount: difference }];
}
