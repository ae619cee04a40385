import { isolated } from '#shared/text/isolated.ts';
import type { Event } from '#shared/event.ts';
import type { Voucher } from '#shared/tickets/voucher.ts';
import { zonedTime } from '#lib/format/dates.ts';
import { formatMoney } from '#lib/format/money.ts';
import type { VoucherValidity } from '#lib/organiser/voucher-state.ts';
import { m } from '#lib/paraglide/messages.js';

export const STATE_WORDS: Record<VoucherValidity, () => string> = {
  active: m.vouchers_active,
  disabled: m.vouchers_disabled,
  used_up: m.vouchers_used_up,
  not_yet: m.vouchers_not_yet,
  over: m.vouchers_over,
};

/** What a voucher gives: "20% off for Adult, Child; opens VIP". */
export function givesWords(voucher: Voucher, event: Pick<Event, 'ticketTypes'>): string {
  const names = (ids: readonly string[]) => typeNames(ids, event);
  const off = discountWords(voucher);
  const discount =
    voucher.ticketTypes === null ? off : `${off} ${m.vouchers_for_types({ types: names(voucher.ticketTypes) })}`;
  const hasDiscount = voucher.percentOff !== null || voucher.amountOff !== null;
  const opens = voucher.opens.length === 0 ? [] : [m.vouchers_opens({ types: names(voucher.opens) })];
  return [...(hasDiscount || opens.length === 0 ? [discount] : []), ...opens].join('; ');
}

function discountWords({ percentOff, amountOff }: Voucher): string {
  if (percentOff !== null) return m.vouchers_percent_off({ percent: percentOff });
  return amountOff === null ? m.vouchers_no_discount() : m.vouchers_amount_off({ amount: formatMoney(amountOff) });
}

function typeNames(ids: readonly string[], { ticketTypes }: Pick<Event, 'ticketTypes'>): string {
  return ids.map((id) => isolated(ticketTypes.find((type) => type.id === id)?.name ?? id)).join(', ');
}

/** When a voucher is valid, and how many tickets one person gets with it; '' without such a rule. */
export function rulesWords(voucher: Voucher, { timeZone }: Pick<Event, 'timeZone'>, nowMs: number): string {
  const time = (iso: string) => zonedTime(iso, timeZone, nowMs);
  const { validFrom, validUntil, maxTicketsPerUser } = voucher;
  return [
    ...(validFrom === null ? [] : [m.vouchers_valid_from({ time: time(validFrom) })]),
    ...(validUntil === null ? [] : [m.vouchers_valid_until({ time: time(validUntil) })]),
    ...(maxTicketsPerUser === null ? [] : [m.vouchers_per_user({ count: maxTicketsPerUser })]),
  ].join(', ');
}

/** How many tickets were got with a voucher: "3 of 10 used, 1 being paid for". */
export function useWords({ used, held, maxTickets }: Voucher): string {
  return maxTickets === null ? m.vouchers_use({ used, held }) : m.vouchers_use_of({ used, held, most: maxTickets });
}
