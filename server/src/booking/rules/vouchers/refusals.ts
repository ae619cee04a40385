import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { VoucherState } from './voucher-state.ts';
import { usesLeft } from './voucher-state.ts';

/** Why a voucher gives nothing (PROTOCOL.md, `VOUCHER_INVALID`). */
type Reason = 'unknown' | 'used_up' | 'not_open' | 'closed' | 'other_tickets' | 'limit';

function invalid(reason: Reason, details: Record<string, unknown> = {}, retryAfterMs?: number): Refusal {
  const more = retryAfterMs === undefined ? {} : { retryAfterMs };
  return refuse('VOUCHER_INVALID', { details: { reason, ...details }, ...more }).error;
}

/** The refusal of a code that no voucher of the event has. */
export const unknownVoucher = invalid('unknown');

/** A disabled voucher is answered like a code that does not exist. */
function disabledRefusal({ disabled }: VoucherState): Refusal | null {
  return disabled ? unknownVoucher : null;
}

function windowRefusal({ validFrom, validUntil }: VoucherState, now: Date): Refusal | null {
  if (validUntil && now >= validUntil) return invalid('closed');
  if (!validFrom || now >= validFrom) return null;
  const retryAfterMs = validFrom.getTime() - now.getTime();
  return invalid('not_open', { validFrom: validFrom.toISOString(), retryAfterMs }, retryAfterMs);
}

function usedUpRefusal(voucher: VoucherState): Refusal | null {
  return usesLeft(voucher) === 0 ? invalid('used_up') : null;
}

/** Why no more tickets can be bought with a voucher now, whatever is left of it: `unknown`, `closed` or `not_open`. */
export function closedVoucherRefusal(voucher: VoucherState, now: Date): Refusal | null {
  return disabledRefusal(voucher) ?? windowRefusal(voucher, now);
}

/** Why a voucher cannot be used by anybody now: `unknown`, `closed`, `not_open` or `used_up`. */
export function voucherRefusal(voucher: VoucherState, now: Date): Refusal | null {
  return closedVoucherRefusal(voucher, now) ?? usedUpRefusal(voucher);
}

/** Tickets that a buyer wants to buy with a voucher, beside those that the buyer has. */
interface WantedUses {
  /** How many more of the voucher's tickets. */
  tickets: number;
  /** Tickets of the buyer's live bookings that count for the voucher; filled only if it has a limit per user. */
  ticketsOfUser: number;
}

/** Why so many tickets cannot be bought with a voucher: `used_up` or `limit`, with how many can be. */
export function usesRefusal(voucher: VoucherState, { tickets, ticketsOfUser }: WantedUses): Refusal | null {
  const left = usesLeft(voucher);
  if (left !== null && tickets > left) return left === 0 ? invalid('used_up') : invalid('limit', { limit: left });
  return userUsesRefusal(voucher, { tickets, ticketsOfUser });
}

/** Why one buyer cannot have so many tickets by a voucher, whatever is left of it: `limit`. */
export function userUsesRefusal(
  { maxTicketsPerUser }: Pick<VoucherState, 'maxTicketsPerUser'>,
  { tickets, ticketsOfUser }: WantedUses,
): Refusal | null {
  const isOver = maxTicketsPerUser !== null && ticketsOfUser + tickets > maxTicketsPerUser;
  return isOver ? invalid('limit', { limit: Math.max(0, maxTicketsPerUser - ticketsOfUser) }) : null;
}

/** Why a voucher gives nothing for the tickets of a booking: none of them is one that it concerns. */
export function otherTicketsRefusal(concerned: number): Refusal | null {
  return concerned === 0 ? invalid('other_tickets') : null;
}

/**
 * Why a voucher's tickets of an expired booking cannot be taken again, which a late payment asks for: `unknown`,
 * `used_up` or `limit`. Its window does not count, as the hold began within it.
 */
export function reviveUsesRefusal(voucher: VoucherState, wanted: WantedUses): Refusal | null {
  return disabledRefusal(voucher) ?? usesRefusal(voucher, wanted);
}
