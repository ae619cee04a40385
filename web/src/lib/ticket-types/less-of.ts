import type { TicketType } from '#shared/tickets/ticket-type.ts';
import type { RefusalDetails } from '#lib/i18n/refusal-words.ts';
import type { SeatsRequest, TicketsRequest } from '#lib/live/buying/seats-request.ts';
import { chosenTickets, countsOf, seatsOf, totalOf } from './choice.ts';

/**
 * What can be had instead of a request that was refused because too little is left: fewer seats, or fewer tickets of the
 * one type that is the reason. Null if that is nothing, or if it is the buyer's to say which tickets to leave out.
 */
export function lessOf(
  request: SeatsRequest,
  { ticketType, ticketsLeft, seatsLeft }: Pick<RefusalDetails, 'ticketType' | 'ticketsLeft' | 'seatsLeft'>,
  types: readonly TicketType[],
): SeatsRequest | null {
  if (!('tickets' in request)) return seatsLeft > 0 ? { ...request, seats: seatsLeft } : null;
  const [line, ...others] = request.tickets;
  const id = ticketType ?? (others.length === 0 ? line?.type : undefined);
  const type = types.find((one) => one.id === id);
  if (type === undefined) return null;
  const left = ticketType === null ? Math.floor(seatsLeft / Math.max(1, type.seats)) : ticketsLeft;
  return withCount(request, type, left < type.minPerBooking ? 0 : left, types);
}

function withCount(
  request: TicketsRequest,
  type: TicketType,
  count: number,
  types: readonly TicketType[],
): TicketsRequest | null {
  const counts = { ...countsOf(request.tickets), [type.id]: count };
  const seats = seatsOf(types, counts);
  if (seats === 0) return null;
  return { ...request, tickets: chosenTickets(types, counts), seats, total: totalOf(types, counts) };
}
