import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import { FIRST_TYPE } from '../../rules/state/event-state.ts';
import type { CountCollections } from '../collections.ts';

/** Held and sold tickets of a type, and the seats that they take. */
interface TypeCount {
  held: number;
  sold: number;
  heldSeats: number;
  soldSeats: number;
}

/** By the id of the type; a type without tickets is absent. */
export type TicketCounts = ReadonlyMap<string, TypeCount>;

/** What the tickets of a booking cost, in minor units; `tickets`: where its line items are, such as "$tickets". */
export function ticketsPrice(tickets: Document | string): Document {
  return { $sum: { $map: { input: tickets, in: { $multiply: ['$$this.count', '$$this.price.amount'] } } } };
}

const SEATS = { $multiply: ['$tickets.count', '$tickets.seats'] };
const sumWhile = (status: string, value: Document | string) => ({
  $sum: { $cond: [{ $eq: ['$status', status] }, value, 0] },
});

/** From documents with `status` and `tickets` to a line for each type. */
const BY_TYPE: Document[] = [
  { $match: { status: { $in: ['held', 'confirmed'] } } },
  { $unwind: '$tickets' },
  {
    $group: {
      _id: '$tickets.type',
      held: sumWhile('held', '$tickets.count'),
      sold: sumWhile('confirmed', '$tickets.count'),
      heldSeats: sumWhile('held', SEATS),
      soldSeats: sumWhile('confirmed', SEATS),
    },
  },
];

/** The line items of the booking in a ledger entry of a pipeline; before version 2 an entry had seats alone. */
const LEDGER_LINE_ITEMS: Document = {
  $ifNull: ['$entries.booking.tickets', [{ type: FIRST_TYPE, count: '$entries.booking.seats', seats: 1 }]],
};

/** From the ledger to the last entry of each booking: its status, owner, seats and line items. Reads every entry of the event. */
export function lastLedgerEntries(eventId: Types.ObjectId): Document[] {
  return [
    { $match: { eventId } },
    { $sort: { seq: 1 } },
    { $unwind: '$entries' },
    { $match: { 'entries.booking._id': { $exists: true } } },
    {
      $group: {
        _id: '$entries.booking._id',
        status: { $last: '$entries.booking.status' },
        seats: { $last: '$entries.booking.seats' },
        userId: { $last: '$entries.booking.userId' },
        tickets: { $last: LEDGER_LINE_ITEMS },
      },
    },
  ];
}

function countsOf(found: readonly (TypeCount & { _id: string })[]): TicketCounts {
  return new Map(found.map(({ _id, ...count }) => [_id, count]));
}

/** Adds up the line items of an event's live bookings. */
export async function countBookedTickets(
  { bookings }: Pick<CountCollections, 'bookings'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<TicketCounts> {
  const pipeline = [{ $match: { eventId } }, ...BY_TYPE];
  return countsOf(await bookings.aggregate<TypeCount & { _id: string }>(pipeline, { session }).toArray());
}

/** Adds up the line items in the last ledger entry of each booking. */
export async function countLedgerTickets(
  { ledger }: Pick<CountCollections, 'ledger'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<TicketCounts> {
  const pipeline = [...lastLedgerEntries(eventId), ...BY_TYPE];
  const options = { session, allowDiskUse: true };
  return countsOf(await ledger.aggregate<TypeCount & { _id: string }>(pipeline, options).toArray());
}

/** Whether both have as many tickets of each type. */
export function isSameCounts(a: TicketCounts, b: TicketCounts): boolean {
  const isSame = (type: string, what: 'held' | 'sold') => (a.get(type)?.[what] ?? 0) === (b.get(type)?.[what] ?? 0);
  return [...a.keys(), ...b.keys()].every((type) => isSame(type, 'held') && isSame(type, 'sold'));
}
