import type { ReceiptDoc } from './receipt.ts';

/** The highest gross amount of an invoice that need not name its recipient (§ 33 UStDV): 250 euros. */
const SMALL_AMOUNT = { amount: 25_000, currency: 'EUR' };

type InvoiceParts = Pick<ReceiptDoc, 'kind' | 'seller' | 'taxRate' | 'note' | 'buyer' | 'gross' | 'currency'>;

/** Whether an invoice that has no address would need one. */
export function needsAddress({ gross, currency }: Pick<ReceiptDoc, 'gross' | 'currency'>): boolean {
  return currency !== SMALL_AMOUNT.currency || gross > SMALL_AMOUNT.amount;
}

/**
 * Whether a receipt states what an invoice needs: who sells, the tax or why there is none, and to whom, unless it is over
 * a small amount.
 */
export function isInvoice(receipt: InvoiceParts): boolean {
  const { kind, seller, taxRate, note, buyer } = receipt;
  const saysTax = taxRate !== null || note !== null;
  return kind === 'receipt' && seller !== null && saysTax && (buyer.address !== null || !needsAddress(receipt));
}
