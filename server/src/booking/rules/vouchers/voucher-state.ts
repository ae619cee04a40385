import type { Money } from '#shared/protocol/primitives.ts';

/** A voucher of an event as the rules see it. Counts are tickets. */
export interface VoucherState {
  id: string;
  code: string;
  /** The code by `voucherKey`: the same however a person writes it. */
  key: string;
  /** Off each ticket: per cent, or minor units of a currency; at most one of the two is set. */
  percentOff: number | null;
  amountOff: Money | null;
  /** Hidden ticket types that it opens. */
  opens: readonly string[];
  /** The ticket types that the discount is for; null: all. */
  ticketTypes: readonly string[] | null;
  maxTickets: number | null;
  maxTicketsPerUser: number | null;
  validFrom: Date | null;
  validUntil: Date | null;
  disabled: boolean;
  /** Tickets of live holds, and of confirmed bookings. */
  held: number;
  used: number;
}

/** What a discount depends on. */
export type Discount = Pick<VoucherState, 'percentOff' | 'amountOff'>;

/** Tickets that can still be bought with a voucher; null: as many as there are. */
export function usesLeft({
  maxTickets,
  held,
  used,
}: Pick<VoucherState, 'maxTickets' | 'held' | 'used'>): number | null {
  return maxTickets === null ? null : Math.max(0, maxTickets - held - used);
}

/** The vouchers that a batch needs, as they are stored. */
export interface LoadedVouchers {
  /** By id: vouchers that commands name by their code, and those of named bookings. */
  byId: ReadonlyMap<string, VoucherState>;
  /** By `ticketsKey`: tickets of a user's live bookings that count for a voucher; only for vouchers with such a limit. */
  ticketsByUser: ReadonlyMap<string, number>;
}

export const NO_VOUCHERS: LoadedVouchers = { byId: new Map(), ticketsByUser: new Map() };

/** A voucher after the batch, with its counts before. */
export interface ChangedVoucher {
  voucher: VoucherState;
  before: VoucherState;
}

/** The key of the tickets that one user has by one voucher. */
export function ticketsKey(voucherId: string, userId: string): string {
  return `${voucherId}:${userId}`;
}
