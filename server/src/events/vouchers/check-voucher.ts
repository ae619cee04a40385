import { Types } from 'mongoose';
import { voucherKey } from '#server/booking/rules/code.ts';
import { withVoucher } from '#server/booking/rules/vouchers/apply.ts';
import {
  otherTicketsRefusal,
  unknownVoucher,
  usesRefusal,
  voucherRefusal,
} from '#server/booking/rules/vouchers/refusals.ts';
import type { VoucherState } from '#server/booking/rules/vouchers/voucher-state.ts';
import { usesLeft } from '#server/booking/rules/vouchers/voucher-state.ts';
import { toVoucherState } from '#server/booking/store/vouchers/voucher-records.ts';
import type { Now } from '#server/clock.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toOrganiserEvent } from '#server/models/views.ts';
import type { VoucherDoc } from '#server/models/vouchers/voucher.ts';
import type { ProviderName } from '#shared/checkout.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { CheckedVoucher } from '#shared/tickets/voucher.ts';

const { ObjectId } = Types;

interface VoucherChecksOptions {
  models: Pick<Models, 'events' | 'vouchers' | 'bookings'>;
  /** By which this server takes money; null: by none. */
  provider: ProviderName | null;
  now: Now;
}

/** Who asks. */
interface Asker {
  userId: string;
  /** Whether it is an organiser, who sees drafts as well. */
  admin: boolean;
}

export type VoucherChecks = ReturnType<typeof createVoucherChecks>;

/** What a voucher gives a buyer now. */
export function createVoucherChecks({ models, provider, now }: VoucherChecksOptions) {
  const { events, vouchers, bookings } = models;

  /**
   * The ticket types that a voucher concerns, at the prices that it gives them. `NOT_FOUND` without such an event; else
   * `VOUCHER_INVALID`. A code that no voucher of the event has asks the same of the database as any other.
   */
  async function check(
    { eventId, code }: CommandInput<'checkVoucher'>,
    { userId, admin }: Asker,
  ): Promise<Result<CheckedVoucher>> {
    const event = await events.findById(eventId).lean<EventDoc>();
    if (!event || (event.status === 'draft' && !admin)) return refuse('NOT_FOUND');
    const found = await vouchers.findOne({ eventId: event._id, key: voucherKey(code) }).lean<VoucherDoc>();
    const ticketsOfUser = await countTickets(userId, event._id, found?._id ?? new ObjectId());
    if (!found) return { ok: false, error: unknownVoucher };
    const voucher = toVoucherState(found);
    const ticketTypes = concernedTypes({ event, provider }, voucher);
    const error =
      voucherRefusal(voucher, now()) ??
      usesRefusal(voucher, { tickets: 1, ticketsOfUser }) ??
      otherTicketsRefusal(ticketTypes.length);
    if (error) return { ok: false, error };
    const { validUntil } = voucher;
    return ok({ ticketTypes, usesLeft: usesLeft(voucher), validUntil: validUntil && validUntil.toISOString() });
  }

  /** Tickets of the user's live bookings that count for the voucher. */
  async function countTickets(userId: string, eventId: Types.ObjectId, voucherId: Types.ObjectId): Promise<number> {
    const live = { status: { $in: ['held', 'confirmed'] }, 'voucher.id': voucherId.toHexString() };
    const [sum] = await bookings.aggregate<{ tickets: number }>([
      { $match: { userId: new ObjectId(userId), eventId, ...live } },
      { $unwind: '$tickets' },
      { $match: { 'tickets.discount': { $exists: true } } },
      { $group: { _id: null, tickets: { $sum: '$tickets.count' } } },
    ]);
    return sum?.tickets ?? 0;
  }

  return { check };
}

/** The types on sale that the voucher opens or has a discount for, each at the price of a ticket with it. */
function concernedTypes(
  { event, provider }: { event: EventDoc; provider: ProviderName | null },
  voucher: VoucherState,
): CheckedVoucher['ticketTypes'] {
  return toOrganiserEvent(event).ticketTypes.flatMap(({ held: _held, sold: _sold, ...type }) => {
    const line = { type: type.id, count: 1, price: type.price, seats: type.seats };
    const [bought] = type.archived ? [] : withVoucher({ event, provider }, [line], voucher);
    return bought?.discount === undefined ? [] : [{ ...type, price: bought.price, fullPrice: type.price }];
  });
}
