import type { Booking } from '#shared/booking.ts';
import type { Availability, Event } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import { countOf, countsOf, type ChosenCounts } from './choice.ts';
import type { BookedLine } from './shown-lines.ts';
import { bookableTypes, type SoldType } from './sold-types.ts';

/** What a hold may be changed to: what is on sale, together with what the hold has. */
interface HeldTypes {
  types: SoldType[];
  seats: Availability;
  own: ChosenCounts;
}

/** The types, counts and seats for a change of this hold; `seats`: the newest counts of its event. */
export function heldTypes(
  booking: Pick<Booking, 'tickets' | 'seats'>,
  event: Event,
  seats: Availability,
  opened: readonly SoldType[],
): HeldTypes {
  const own = countsOf(booking.tickets);
  const onSale = bookableTypes(event, opened).map((type) => ({
    ...type,
    available: type.available + countOf(own, type),
  }));
  const others = booking.tickets.filter(
    ({ type }, i) =>
      !onSale.some(({ id }) => id === type) && booking.tickets.findIndex((one) => one.type === type) === i,
  );
  const { ticketsLeft, availableSeats } = seats;
  const withOwn: Availability = {
    ...seats,
    availableSeats: availableSeats + booking.seats,
    ...(ticketsLeft && {
      ticketsLeft: ticketsLeft.map(({ type, available }) => ({ type, available: available + (own[type] ?? 0) })),
    }),
  };
  return { types: [...onSale, ...others.map((line) => keptOnly(line, own))], seats: withOwn, own };
}

/** A type that is hidden or sold no more: a hold keeps its tickets, and gets no others. */
function keptOnly({ type: id, name, price, seats }: BookedLine, own: ChosenCounts): TicketType {
  const count = own[id] ?? 0;
  return {
    id,
    name,
    description: '',
    price,
    seats,
    limit: count,
    salesFrom: null,
    salesUntil: null,
    minPerBooking: 0,
    maxPerBooking: null,
    access: 'voucher',
    archived: true,
    available: count,
  };
}

/** What a hold costs after a change: a type that it has keeps its price, another one has today's. */
export function changedTotal(
  booking: Pick<Booking, 'tickets' | 'total'>,
  types: readonly TicketType[],
  counts: ChosenCounts,
): Money {
  const amount = types.reduce((sum, type) => {
    const line = booking.tickets.find((one) => one.type === type.id);
    return sum + countOf(counts, type) * (line ?? type).price.amount;
  }, 0);
  return { amount, currency: booking.total.currency };
}
