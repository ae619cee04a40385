import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import type { VoucherState } from '../../rules/vouchers/voucher-state.ts';
import type { CountCollections } from '../collections.ts';
import { toVoucherState } from './voucher-records.ts';

const { ObjectId } = Types;

type VoucherCounts = Pick<VoucherState, 'held' | 'used'>;

/** The uses of an event's vouchers by its bookings, and as they are stored. */
export interface VoucherUses {
  /** By voucher id: uses by the bookings; a voucher without any is counted too, if uses are stored. */
  counted: ReadonlyMap<string, VoucherCounts>;
  stored: readonly VoucherState[];
}

/** One document for each line item that counts for its booking's voucher. */
export const VOUCHER_TICKETS = [{ $unwind: '$tickets' }, { $match: { 'tickets.discount': { $exists: true } } }];

/** Counts the uses of an event's vouchers. */
export async function countVoucherUses(
  { bookings, vouchers }: Pick<CountCollections, 'bookings' | 'vouchers'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<VoucherUses> {
  const ticketsWhile = (status: string) => ({ $sum: { $cond: [{ $eq: ['$status', status] }, '$tickets.count', 0] } });
  const pipeline = [
    { $match: { eventId, 'voucher.id': { $type: 'string' }, status: { $in: ['held', 'confirmed'] } } },
    ...VOUCHER_TICKETS,
    { $group: { _id: '$voucher.id', held: ticketsWhile('held'), used: ticketsWhile('confirmed') } },
  ];
  const found = await bookings.aggregate<VoucherCounts & { _id: string }>(pipeline, { session }).toArray();
  const _id = { $in: found.map((count) => ObjectId.createFromHexString(count._id)) };
  const isCounted = { eventId, $or: [{ _id }, { held: { $ne: 0 } }, { used: { $ne: 0 } }] };
  const stored = (await vouchers.find(isCounted, { session }).toArray()).map(toVoucherState);
  const none = stored.map(({ id }) => [id, { held: 0, used: 0 }] as const);
  return { counted: new Map([...none, ...found.map(({ _id: id, ...counts }) => [id, counts] as const)]), stored };
}
