import type { Money } from '#shared/protocol/primitives.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';

/** A request by the number of seats alone; `price` is a seat's, as the buyer saw it. */
interface PartySizeRequest {
  seats: number;
  price: Money;
}

/** A request by ticket types; `total` is what all of it costs, as the buyer saw it, `seats` what it takes. */
export interface TicketsRequest {
  tickets: TicketCount[];
  voucher: string | null;
  seats: number;
  total: Money;
}

/** The whole choice of a buyer who books, or who waits for seats. */
export type SeatsRequest = PartySizeRequest | TicketsRequest;

/** What a visitor has chosen before signing in. */
export interface WantedSeats {
  kind: 'book' | 'join';
  request: SeatsRequest;
}

/** What a request costs, or in a request by seats what one of them costs: 0 exactly if nothing is owed. */
export function owedFor(request: SeatsRequest): Money {
  return 'tickets' in request ? request.total : request.price;
}

/** The same request at the server's present price, a seat's or that of all; null if it is not the one that is needed. */
export function atPrice(
  request: SeatsRequest,
  { price, total }: { price: Money | null; total: Money | null },
): SeatsRequest | null {
  if ('tickets' in request) return total && { ...request, total };
  return price && { ...request, price };
}

/** The input of `book`, in the form in which the buyer has chosen. */
export function bookInput(eventId: string, requestId: string, request: SeatsRequest): CommandRequest<'book'> {
  if (!('tickets' in request)) return { requestId, eventId, seats: request.seats, price: request.price };
  const { tickets, voucher, total } = request;
  return { requestId, eventId, tickets, ...(voucher !== null && { voucher }), total };
}

/** The input of `joinWaitlist`. */
export function joinInput(eventId: string, requestId: string, request: SeatsRequest): CommandRequest<'joinWaitlist'> {
  if ('tickets' in request) return { requestId, eventId, tickets: request.tickets };
  return { requestId, eventId, seats: request.seats };
}

/** Whether a waitlist entry waits for just what this request asks for. */
export function isForTickets(
  { seats, tickets }: Pick<WaitlistEntry, 'seats' | 'tickets'>,
  request: SeatsRequest,
): boolean {
  if (!('tickets' in request)) return seats === request.seats;
  return JSON.stringify(sorted(tickets)) === JSON.stringify(sorted(request.tickets));
}

function sorted(tickets: readonly TicketCount[]): [string, number][] {
  return tickets
    .map(({ type, count }): [string, number] => [type, count])
    .sort(([one], [other]) => one.localeCompare(other));
}
