import type { Decision } from '../rules/command.ts';
import type { LedgerEntryKind } from '../rules/state/ledger-entry.ts';

/** Tickets that were sold since this process began, by the seats that one takes: one, several, none. */
interface SoldTickets {
  seat: number;
  several: number;
  extra: number;
  /** Those of them that a voucher was used for. */
  byVoucher: number;
  /** By currency: what vouchers took off them, in minor units. */
  discounts: Record<string, number>;
}

/** The currency of events that name none is there from the start: a counter that begins above 0 has no rate. */
export function nothingSold(): SoldTickets {
  return { seat: 0, several: 0, extra: 0, byVoucher: 0, discounts: { EUR: 0 } };
}

/** Kinds of ledger entries that sell a booking. */
const SALES: ReadonlySet<LedgerEntryKind> = new Set<LedgerEntryKind>(['booked', 'confirmed', 'revived']);

/** Adds what a batch has sold. */
export function countSoldTickets(sold: SoldTickets, { ledgerEntries }: Pick<Decision, 'ledgerEntries'>): void {
  for (const { kind, booking } of ledgerEntries) {
    if (!booking || !SALES.has(kind)) continue;
    for (const { count, seats, price, discount } of booking.tickets) {
      sold[seats === 1 ? 'seat' : seats === 0 ? 'extra' : 'several'] += count;
      if (discount === undefined) continue;
      sold.byVoucher += count;
      sold.discounts[price.currency] = (sold.discounts[price.currency] ?? 0) + count * discount;
    }
  }
}
