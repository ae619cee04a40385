import type { Refusal } from '#shared/protocol/errors.ts';
import { voucherKey } from '../code.ts';

import type { BatchDraft } from '../state/batch-draft.ts';
import type { BookingState, Expired, HoldChange, LineItem, Requested, UsedVoucher } from '../state/booking-state.ts';
import type { EventState } from '../state/event-state.ts';
import { isSameTickets } from '../tickets/line-items.ts';
import type { Wanted } from '../tickets/resolve.ts';
import { resolveChange, resolveWanted, ticketTypeOf } from '../tickets/resolve.ts';
import { usesOf, withoutVoucher, withVoucher } from './apply.ts';
import {
  closedVoucherRefusal,
  otherTicketsRefusal,
  reviveUsesRefusal,
  unknownVoucher,
  userUsesRefusal,
  usesRefusal,
  voucherRefusal,
} from './refusals.ts';
import type { VoucherState } from './voucher-state.ts';

/** Wanted tickets at the prices that the voucher gives them; null: no voucher. */
export interface WantedWithVoucher extends Wanted {
  voucher: UsedVoucher | null;
}

type ResolvedWithVoucher = { ok: true; wanted: WantedWithVoucher } | { ok: false; error: Refusal };
type VoucherSale = Pick<BatchDraft, 'event' | 'vouchers' | 'now' | 'provider'>;
type Hold = Pick<BookingState, 'tickets' | 'voucher' | 'userId'>;

/**
 * What a buyer asks for, with the voucher that the buyer names. The voucher comes first, since a hidden type exists only
 * with it: `VOUCHER_INVALID`, or `INVALID_INPUT` as by `resolveWanted`.
 */
export function resolveBooking(sale: VoucherSale, asked: Requested, userId: string): ResolvedWithVoucher {
  const code = 'tickets' in asked ? asked.voucher : null;
  if (code === null) return withoutCode(resolveWanted(sale.event, asked), null);
  const found = usableVoucher(sale, code);
  if (!found.ok) return found;
  const { voucher } = found;
  const resolved = resolveWanted(sale.event, asked, voucher.opens);
  if (!resolved.ok) return resolved;
  const tickets = withVoucher(sale, resolved.wanted.tickets, voucher);
  const uses = usesOf(tickets);
  const error =
    otherTicketsRefusal(uses) ??
    usesRefusal(voucher, { tickets: uses, ticketsOfUser: sale.vouchers.ticketsOf(voucher.id, userId) });
  if (error) return { ok: false, error };
  return { ok: true, wanted: { ...resolved.wanted, tickets, voucher: usedVoucher(voucher) } };
}

/**
 * What a hold shall be. A voucher that the change names takes the place of the hold's own, on all tickets; without one
 * the hold's voucher stays, also for tickets that are added. Limits and window count for the uses that are added.
 */
export function resolveHold(sale: VoucherSale, hold: Hold, change: HoldChange): ResolvedWithVoucher {
  const code = 'tickets' in change ? change.voucher : null;
  const isOther = code !== null && !(hold.voucher && sale.vouchers.findByKey(voucherKey(code))?.id === hold.voucher.id);
  if (isOther) return resolveOther(sale, hold, change, code);
  const voucher = hold.voucher === null ? undefined : sale.vouchers.find(hold.voucher.id);
  const resolved = resolveChange(sale.event, hold, change, voucher?.opens);
  if (!resolved.ok || hold.voucher === null) return withoutCode(resolved, null);
  const kept = new Set(hold.tickets.map(({ type }) => type));
  const fresh = resolved.wanted.tickets.filter(({ type }) => !kept.has(type));
  const discounted = voucher ? withVoucher(sale, fresh, voucher) : fresh;
  const tickets = resolved.wanted.tickets.map((line) => discounted.find(({ type }) => type === line.type) ?? line);
  const uses = usesOf(tickets);
  const error = (code === null ? null : otherTicketsRefusal(uses)) ?? addedUsesRefusal(sale, hold, voucher, uses);
  if (error) return { ok: false, error };
  return { ok: true, wanted: { ...resolved.wanted, tickets, voucher: uses > 0 ? hold.voucher : null } };
}

function resolveOther(sale: VoucherSale, hold: Hold, change: HoldChange, code: string): ResolvedWithVoucher {
  const found = usableVoucher(sale, code);
  if (!found.ok) return found;
  const { voucher } = found;
  const resolved = resolveChange(sale.event, { tickets: atFullPrice(sale.event, hold.tickets) }, change, voucher.opens);
  if (!resolved.ok) return resolved;
  const tickets = withVoucher(sale, resolved.wanted.tickets, voucher);
  const uses = usesOf(tickets);
  const error =
    otherTicketsRefusal(uses) ??
    usesRefusal(voucher, { tickets: uses, ticketsOfUser: sale.vouchers.ticketsOf(voucher.id, hold.userId) });
  if (error) return { ok: false, error };
  return { ok: true, wanted: { ...resolved.wanted, tickets, voucher: usedVoucher(voucher) } };
}

/** Whether a hold is what was asked for already: the same tickets by the same voucher. */
export function isSameHold({ tickets, voucher }: WantedWithVoucher, hold: Hold): boolean {
  return isSameTickets(tickets, hold.tickets) && voucher?.id === hold.voucher?.id;
}

/** The line items without their voucher; hidden types that it opened are gone with it. */
function atFullPrice(event: EventState, tickets: readonly LineItem[]): LineItem[] {
  const isOpened = ({ type, discount }: LineItem) =>
    discount !== undefined && ticketTypeOf(event, type)?.access === 'voucher';
  return withoutVoucher(tickets.filter((line) => !isOpened(line)));
}

/** Why a hold cannot have more tickets by its own voucher; fewer, or as many, it always can. */
function addedUsesRefusal(
  { vouchers, now }: VoucherSale,
  hold: Hold,
  voucher: VoucherState | undefined,
  uses: number,
): Refusal | null {
  const tickets = uses - usesOf(hold.tickets);
  if (tickets <= 0) return null;
  if (!voucher) return unknownVoucher;
  const ticketsOfUser = vouchers.ticketsOf(voucher.id, hold.userId);
  return closedVoucherRefusal(voucher, now) ?? usesRefusal(voucher, { tickets, ticketsOfUser });
}

/** Why a late payment cannot have the uses of its expired booking's voucher again: `VOUCHER_INVALID`. */
export function reviveVoucherRefusal({ vouchers }: Pick<VoucherSale, 'vouchers'>, booking: Expired): Refusal | null {
  const tickets = usesOf(booking.tickets);
  if (booking.voucher === null || tickets === 0) return null;
  const voucher = vouchers.find(booking.voucher.id);
  if (!voucher) return unknownVoucher;
  return reviveUsesRefusal(voucher, { tickets, ticketsOfUser: vouchers.ticketsOf(voucher.id, booking.userId) });
}

/** Why an account cannot take over a hold with the uses of its voucher, which are counted already: `VOUCHER_INVALID`. */
export function adoptVoucherRefusal(
  { vouchers }: Pick<VoucherSale, 'vouchers'>,
  { voucher: used, tickets }: Hold,
  userId: string,
): Refusal | null {
  const voucher = used === null ? undefined : vouchers.find(used.id);
  if (!voucher) return null;
  const ticketsOfUser = vouchers.ticketsOf(voucher.id, userId);
  return userUsesRefusal(voucher, { tickets: usesOf(tickets), ticketsOfUser });
}

function usableVoucher({ vouchers, now }: VoucherSale, code: string) {
  const voucher = vouchers.findByKey(voucherKey(code));
  const error = voucher ? voucherRefusal(voucher, now) : unknownVoucher;
  if (!voucher || error) return { ok: false, error: error ?? unknownVoucher } as const;
  return { ok: true, voucher } as const;
}

function withoutCode(resolved: ReturnType<typeof resolveWanted>, voucher: UsedVoucher | null): ResolvedWithVoucher {
  return resolved.ok ? { ok: true, wanted: { ...resolved.wanted, voucher } } : resolved;
}

function usedVoucher({ id, code }: VoucherState): UsedVoucher {
  return { id, code };
}
