import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import { GuardMissed } from '#server/mongo/transaction.ts';
import { voucherKey } from '../../rules/code.ts';
import type { Command, Decision } from '../../rules/command.ts';
import type { BookingState } from '../../rules/state/booking-state.ts';
import type { LoadedVouchers } from '../../rules/vouchers/voucher-state.ts';
import { NO_VOUCHERS, ticketsKey } from '../../rules/vouchers/voucher-state.ts';
import type { BookingCollections } from '../collections.ts';
import { VOUCHER_TICKETS } from './count-uses.ts';
import { toVoucherState } from './voucher-records.ts';

const { ObjectId } = Types;

type VoucherCollections = Pick<BookingCollections, 'vouchers' | 'bookings'>;

/**
 * The vouchers whose codes commands name, and those of the named bookings, whose uses the commands may give back; no
 * query where there are none.
 */
export async function loadVouchers(
  collections: VoucherCollections,
  eventId: Types.ObjectId,
  { commands, named }: { commands: readonly Command[]; named: ReadonlyMap<string, BookingState> },
  session: ClientSession,
): Promise<LoadedVouchers> {
  const keys = [...new Set(commands.flatMap(codesOf).map(voucherKey))];
  const ids = [...new Set([...named.values()].flatMap(({ voucher }) => (voucher ? [voucher.id] : [])))];
  if (keys.length + ids.length === 0) return NO_VOUCHERS;
  const _id = { $in: ids.map((id) => ObjectId.createFromHexString(id)) };
  const filter = { eventId, $or: [{ key: { $in: keys } }, { _id }] };
  const found = await collections.vouchers.find(filter, { session }).toArray();
  const vouchers = found.map(toVoucherState);
  const limited = vouchers.filter(({ maxTicketsPerUser }) => maxTicketsPerUser !== null).map(({ id }) => id);
  return {
    byId: new Map(vouchers.map((voucher) => [voucher.id, voucher])),
    ticketsByUser: await loadTicketsByUser(
      collections,
      eventId,
      { limited, buyers: buyersOf(commands, named) },
      session,
    ),
  };
}

function codesOf(command: Command): string[] {
  if (command.type === 'cancelCheckout')
    return command.change && 'voucher' in command.change && command.change.voucher !== null
      ? [command.change.voucher]
      : [];
  const isSale = command.type === 'book' || command.type === 'changeHold';
  return isSale && 'voucher' in command && command.voucher !== null ? [command.voucher] : [];
}

function buyersOf(commands: readonly Command[], named: ReadonlyMap<string, BookingState>): string[] {
  const senders = commands.flatMap((command) =>
    command.type === 'book' || command.type === 'adoptHold' ? [command.userId] : [],
  );
  return [...new Set([...senders, ...[...named.values()].map(({ userId }) => userId)])];
}

/** Tickets of live bookings that count for these vouchers, by `ticketsKey`: a limit per user is counted anew each time. */
async function loadTicketsByUser(
  { bookings }: Pick<VoucherCollections, 'bookings'>,
  eventId: Types.ObjectId,
  { limited, buyers }: { limited: readonly string[]; buyers: readonly string[] },
  session: ClientSession,
): Promise<ReadonlyMap<string, number>> {
  if (limited.length === 0 || buyers.length === 0) return NO_VOUCHERS.ticketsByUser;
  const userId = { $in: buyers.map((id) => ObjectId.createFromHexString(id)) };
  const live = { status: { $in: ['held', 'confirmed'] }, 'voucher.id': { $in: limited } };
  const pipeline = [
    { $match: { userId, eventId, ...live } },
    ...VOUCHER_TICKETS,
    { $group: { _id: { voucher: '$voucher.id', user: '$userId' }, tickets: { $sum: '$tickets.count' } } },
  ];
  // A user has few bookings, an event may have very many.
  const options = { session, hint: { userId: 1, _id: -1 } };
  const found = await bookings
    .aggregate<{ _id: { voucher: string; user: Types.ObjectId }; tickets: number }>(pipeline, options)
    .toArray();
  return new Map(found.map(({ _id, tickets }) => [ticketsKey(_id.voucher, _id.user.toHexString()), tickets]));
}

/** The guarded `$inc` of each touched voucher: the filter repeats what the decision rests on. */
export async function writeVouchers(
  { vouchers }: Pick<VoucherCollections, 'vouchers'>,
  { changedVouchers }: Pick<Decision, 'changedVouchers'>,
  session: ClientSession,
): Promise<void> {
  if (changedVouchers.length === 0) return;
  const operations = changedVouchers.map(({ voucher, before }) => {
    const { held, used, maxTickets, disabled } = before;
    const filter = { _id: ObjectId.createFromHexString(voucher.id), held, used, maxTickets, disabled };
    return { updateOne: { filter, update: { $inc: { held: voucher.held - held, used: voucher.used - used } } } };
  });
  const { matchedCount } = await vouchers.bulkWrite(operations, { session, ordered: false });
  if (matchedCount !== changedVouchers.length) throw new GuardMissed('A voucher is not as it was read');
}
