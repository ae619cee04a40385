import type { BookingState } from '../state/booking-state.ts';
import { usesOf } from './apply.ts';
import type { ChangedVoucher, LoadedVouchers, VoucherState } from './voucher-state.ts';
import { ticketsKey } from './voucher-state.ts';

/** The vouchers being decided: the loaded ones, and over them the counts of the batch's commands decided so far. */
export class VouchersDraft {
  readonly #loaded: LoadedVouchers;
  readonly #changed = new Map<string, VoucherState>();
  readonly #idByKey = new Map<string, string>();
  readonly #ticketsByUser: Map<string, number>;

  constructor(loaded: LoadedVouchers) {
    this.#loaded = loaded;
    this.#ticketsByUser = new Map(loaded.ticketsByUser);
    for (const { id, key } of loaded.byId.values()) this.#idByKey.set(key, id);
  }

  /** The voucher as the batch has changed it so far. */
  find(id: string): VoucherState | undefined {
    return this.#changed.get(id) ?? this.#loaded.byId.get(id);
  }

  /** The event's voucher with this `voucherKey`. */
  findByKey(key: string): VoucherState | undefined {
    return this.find(this.#idByKey.get(key) ?? '');
  }

  /** Tickets of the user's live bookings that count for the voucher; 0 where the voucher has no limit per user. */
  ticketsOf(voucherId: string, userId: string): number {
    return this.#ticketsByUser.get(ticketsKey(voucherId, userId)) ?? 0;
  }

  /** Counts the uses of a booking after a change in, and those from before out: while its seats count, so do they. */
  countBooking(before: BookingState | null, after: BookingState): void {
    if (before) this.#count(before, -1);
    this.#count(after, 1);
  }

  #count({ voucher: usedVoucher, userId, status, tickets }: BookingState, sign: 1 | -1): void {
    if (!usedVoucher || (status !== 'held' && status !== 'confirmed')) return;
    const uses = sign * usesOf(tickets);
    const voucher = this.find(usedVoucher.id);
    // A voucher that was deleted by hand has no counts, and its bookings go on without.
    if (!voucher || uses === 0) return;
    const counter = status === 'held' ? 'held' : 'used';
    this.#changed.set(voucher.id, { ...voucher, [counter]: voucher[counter] + uses });
    const key = ticketsKey(voucher.id, userId);
    this.#ticketsByUser.set(key, (this.#ticketsByUser.get(key) ?? 0) + uses);
  }

  /** Counts as the bookings have them. */
  replace(counts: ReadonlyMap<string, { held: number; used: number }>): void {
    for (const [id, { held, used }] of counts) {
      const voucher = this.find(id);
      if (voucher && (voucher.held !== held || voucher.used !== used))
        this.#changed.set(id, { ...voucher, held, used });
    }
  }

  /** What has to be written. */
  changed(): ChangedVoucher[] {
    return [...this.#changed.values()].flatMap((voucher) => {
      const before = this.#loaded.byId.get(voucher.id);
      const isSame = !before || (before.held === voucher.held && before.used === voucher.used);
      return isSame ? [] : [{ voucher, before }];
    });
  }
}
