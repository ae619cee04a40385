import type { FastifyInstance } from 'fastify';
import type { Attendees } from '#server/events/attendees.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { CancelledTickets } from '#shared/booking.ts';
import { commands } from '#shared/protocol/commands.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { EventBooking } from '#shared/organiser.ts';
import { bookedLines } from '#shared/tickets/booked-lines.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import { amountCell, sendCsv } from '../../csv-file.ts';
import type { Identify } from '../../identity.ts';
import { requireOrganiser } from '../../identity.ts';

const HEADER = [
  'code',
  'status',
  'seats',
  'checked in',
  'name',
  'email',
  'email verified',
  'total',
  'refunded',
  'currency',
  'booked at',
  'ended at',
  'ended by',
  'reason',
  'reasons of changes',
  'booked',
  'cancelled before',
  'own tickets sent',
  'voucher',
  'discount',
];

/** Each ticket type has a column with the number of tickets, in the order in which the types were made. */
type TypeColumns = readonly Pick<EventDoc['ticketTypes'][number], 'id' | 'name'>[];

/** The bookings of an event with their attendees, as CSV. */
export function mountAttendees(api: FastifyInstance, deps: { attendees: Attendees; identify: Identify }) {
  api.get<{ Params: { id: string } }>(
    '/events/:id/bookings.csv',
    requireOrganiser(deps.identify, async (_identity, request, reply) => {
      const { id: eventId } = request.params as { id: string };
      const input = parseInput(commands.eventStats.input, { ...(request.query as object), eventId });
      if (!input.ok) return answerRefusal(reply, input.error);
      const found = await deps.attendees.all(input.data.eventId);
      if (!found) return answerRefusal(reply, refuse('NOT_FOUND').error);
      const types = found.event.ticketTypes;
      const header = [...HEADER, ...types.map(({ name }) => name)];
      return sendCsv(reply, { name: `bookings-${eventId}.csv`, header, lines: eachLine(types, found.bookings) });
    }),
  );
}

async function* eachLine(
  types: TypeColumns,
  bookings: AsyncIterable<EventBooking>,
): AsyncGenerator<(string | number)[]> {
  for await (const booking of bookings) yield [...cellsOf(booking), ...types.map(({ id }) => countOf(booking, id))];
}

function cellsOf({ attendee, total, payment, ended, ...booking }: EventBooking): (string | number)[] {
  const { currency } = total;
  return [
    booking.code,
    booking.status,
    booking.seats,
    booking.checkedInSeats,
    attendee.name,
    attendee.email,
    attendee.verified ? 'yes' : 'no',
    amountCell(total),
    amountCell({ amount: payment?.refundedAmount ?? 0, currency }),
    currency,
    booking.createdAt,
    ended?.at ?? '',
    ended?.by ?? '',
    ended?.reason ?? '',
    (booking.reasons ?? []).map(({ reason }) => reason).join('; '),
    ticketsCell(bookedLines(booking.tickets, booking.cancelledParts)),
    (booking.cancelledParts ?? []).map(cancelledCell).join('; '),
    (booking.personalTickets ?? []).filter(({ sharedAt }) => sharedAt !== null).length,
    booking.voucher ?? '',
    booking.voucher === null ? '' : amountCell({ amount: discountOf(booking), currency }),
  ];
}

/** "2 × Adult, 1 × Child". */
function ticketsCell(tickets: EventBooking['tickets']): string {
  return tickets.map(({ count, name }) => `${count} × ${name}`).join(', ');
}

/** "2026-12-01T19:00:00.000Z: 1 × Child, 12.50 refunded". */
function cancelledCell({ at, tickets, amount }: CancelledTickets): string {
  const refunded = amount === null ? '' : `, ${amountCell(amount)} refunded`;
  return `${at}: ${ticketsCell(tickets)}${refunded}`;
}

/** What the voucher took off all tickets, in minor units. */
function discountOf({ tickets }: Pick<EventBooking, 'tickets'>): number {
  return tickets.reduce((sum, { count, discount }) => sum + count * (discount?.amount ?? 0), 0);
}

/** Tickets of this type, which the booking may have at several prices. */
function countOf({ tickets }: EventBooking, typeId: string): number {
  return tickets.reduce((sum, { type, count }) => sum + (type === typeId ? count : 0), 0);
}
