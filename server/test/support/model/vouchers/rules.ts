import type { VoucherState } from '#server/booking/rules/vouchers/voucher-state.ts';
import type { Answer } from '../answer.ts';
import { refused } from '../answer.ts';
import type { ModelBooking, ModelLine, ModelState, ModelVoucher } from '../state.ts';
import { isLive } from '../state.ts';

// The rules of vouchers in PROTOCOL.md.

/** The tickets of these lines that are uses of their booking's voucher. */
export function usesIn(lines: readonly ModelLine[]): number {
  return lines.reduce((sum, { count, off }) => sum + (off === undefined ? 0 : count), 0);
}

/** Uses by the bookings of one status. */
export function usesWhile(state: ModelState, { id }: ModelVoucher, status: ModelBooking['status']): number {
  const counted = state.bookings.filter((booking) => booking.voucher === id && booking.status === status);
  return counted.reduce((sum, { lines }) => sum + usesIn(lines), 0);
}

/** Uses by the live bookings of one user. */
function usesBy(state: ModelState, { id }: ModelVoucher, user: string): number {
  const own = state.bookings.filter((one) => one.voucher === id && one.user === user && isLive(one));
  return own.reduce((sum, { lines }) => sum + usesIn(lines), 0);
}

/** The voucher that a buyer means with a code. */
export function voucherBy({ vouchers }: ModelState, code: string): ModelVoucher | undefined {
  return vouchers.find((voucher) => spelling(voucher.code) === spelling(code));
}

/** What all ways of writing a code have in common. */
function spelling(code: string): string {
  return code.toLowerCase().replaceAll('-', '').replaceAll(/[il]/g, '1').replaceAll('o', '0');
}

function invalid(reason: string, more: object = {}): Answer {
  return refused('VOUCHER_INVALID', { reason, ...more });
}

function left(state: ModelState, voucher: ModelVoucher): number {
  if (voucher.most === null) return Infinity;
  return voucher.most - usesWhile(state, voucher, 'held') - usesWhile(state, voucher, 'confirmed');
}

/** Nobody can buy by the voucher now, whatever is left of it. */
export function notNow(voucher: ModelVoucher | undefined, now: number): Answer | null {
  if (!voucher || voucher.disabled) return invalid('unknown');
  const { from, until } = voucher;
  if (until !== null && until <= now) return invalid('closed');
  if (from === null || from <= now) return null;
  return invalid('not_open', { validFrom: new Date(from).toISOString(), retryAfterMs: from - now });
}

/** The voucher has nothing left for anybody. */
export function usedUp(state: ModelState, voucher: ModelVoucher): Answer | null {
  return left(state, voucher) <= 0 ? invalid('used_up') : null;
}

/** The user cannot have so many more tickets by the voucher. */
export function overUses(state: ModelState, voucher: ModelVoucher, user: string, more: number): Answer | null {
  const free = left(state, voucher);
  if (free < more) return free <= 0 ? invalid('used_up') : invalid('limit', { limit: free });
  return overUsesOfUser(state, voucher, user, more);
}

/** The voucher does not allow one user so many more tickets. */
export function overUsesOfUser(state: ModelState, voucher: ModelVoucher, user: string, more: number): Answer | null {
  if (voucher.mostEach === null) return null;
  const own = voucher.mostEach - usesBy(state, voucher, user);
  return own < more ? invalid('limit', { limit: Math.max(0, own) }) : null;
}

/** None of the tickets is one that the voucher is for. */
export function givesNothing(lines: readonly ModelLine[]): Answer | null {
  return usesIn(lines) > 0 ? null : invalid('other_tickets');
}

/** What a late payment cannot have again. The voucher's window does not count. */
export function notAgain(state: ModelState, id: string | null, lines: readonly ModelLine[], user: string) {
  const uses = usesIn(lines);
  if (id === null || uses === 0) return null;
  const voucher = state.vouchers.find((one) => one.id === id);
  if (!voucher || voucher.disabled) return invalid('unknown');
  return overUses(state, voucher, user, uses);
}

/** Lines at the prices that the voucher gives them. */
export function priced({ types, settings }: ModelState, voucher: ModelVoucher, lines: readonly ModelLine[]) {
  return lines.map((line): ModelLine => {
    const isHidden = types.some(({ id, hidden }) => id === line.type && hidden);
    const isFor = voucher.only === null || voucher.only.includes(line.type);
    const fixed = voucher.off?.currency === settings.price.currency ? voucher.off.amount : null;
    const hasDiscount = isFor && (voucher.percent !== null || fixed !== null);
    if (isHidden ? !voucher.opens.includes(line.type) : !hasDiscount) return line;
    const off = voucher.percent === null ? (fixed ?? 0) : Math.round((line.amount * voucher.percent) / 100);
    const taken = isFor ? Math.min(line.amount, off) : 0;
    return { ...line, amount: line.amount - taken, off: taken };
  });
}

/** Lines as they were before their voucher; types that it opened are gone. */
export function unpriced({ types }: ModelState, lines: readonly ModelLine[]): ModelLine[] {
  const hidden = types.filter((type) => type.hidden).map(({ id }) => id);
  return lines
    .filter(({ type, off }) => off === undefined || !hidden.includes(type))
    .map(({ type, count, amount, seats, off = 0 }) => ({ type, count, amount: amount + off, seats }));
}

/** A stored voucher in the model's terms. */
export function modelVoucher(stored: VoucherState): ModelVoucher {
  return {
    id: stored.id,
    code: stored.code,
    percent: stored.percentOff,
    off: stored.amountOff,
    opens: stored.opens,
    only: stored.ticketTypes,
    most: stored.maxTickets,
    mostEach: stored.maxTicketsPerUser,
    from: stored.validFrom?.getTime() ?? null,
    until: stored.validUntil?.getTime() ?? null,
    disabled: stored.disabled,
  };
}
