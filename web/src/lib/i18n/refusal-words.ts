import { isolated } from '#shared/text/isolated.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import { formatMoney } from '#lib/format/money.ts';
import { owedFor, type SeatsRequest } from '#lib/live/buying/seats-request.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { voucherWords } from './ticket-words.ts';
import { withCharge } from './with-charge.ts';

/** What a refused booking tells the page besides its code. */
export interface RefusalDetails {
  /** Free seats of an event that has too few. */
  seatsLeft: number;
  /** The most seats for one person, or the least or most tickets of a type. */
  limit: number | null;
  /** The buyer's other hold on this event. */
  heldBookingId: string | null;
  /** The present price of a seat, and of all that was asked for. */
  price: Money | null;
  total: Money | null;
  /** The ticket type whose own rule is the reason, and how many tickets of it are left. */
  ticketType: string | null;
  ticketsLeft: number;
}

export function refusalDetails({ details = {} }: Failure): RefusalDetails {
  return {
    seatsLeft: typeof details.availableSeats === 'number' ? details.availableSeats : 0,
    limit: typeof details.limit === 'number' ? details.limit : null,
    heldBookingId: typeof details.bookingId === 'string' ? details.bookingId : null,
    price: isMoney(details.price) ? details.price : null,
    total: isMoney(details.total) ? details.total : null,
    ticketType: typeof details.ticketType === 'string' ? details.ticketType : null,
    ticketsLeft: typeof details.available === 'number' ? details.available : 0,
  };
}

/** Why a hold was not changed, for reasons that do not depend on ticket types; null for other refusals. */
export function changeRefusalWords(failure: Failure): string | null {
  const { code, details = {} } = failure;
  const { seatsLeft, limit } = refusalDetails(failure);
  if (code === 'SOLD_OUT')
    return seatsLeft > 0 ? m.change_refused_seats({ count: seatsLeft }) : m.change_refused_none();
  if (code === 'LIMIT_EXCEEDED') return limit === null ? null : m.change_refused_limit({ count: limit });
  if (code !== 'INVALID_STATE') return null;
  return details.payment !== undefined || details.status === 'held'
    ? m.change_refused_paying()
    : m.change_refused_over();
}

/** Why a request was refused. `types`: the ticket types that the reader knows. */
export function refusalWords(failure: Failure, request: SeatsRequest, types: readonly TicketType[]): string {
  const details = refusalDetails(failure);
  if (details.ticketType !== null) return typeRefusalWords(failure, details, request, types);
  const { seatsLeft, limit, heldBookingId } = details;
  switch (failure.code) {
    case 'SOLD_OUT':
      return seatsLeft > 0 ? m.refused_some_left({ count: seatsLeft }) : m.refused_sold_out();
    case 'PRICE_CHANGED':
      return priceWords(details, request) ?? withCharge(m.refused_other(), owedFor(request));
    case 'LIMIT_EXCEEDED':
      if (heldBookingId !== null) return m.refused_limit_hold();
      return limit === null ? withCharge(m.refused_other(), owedFor(request)) : m.refused_limit({ count: limit });
    case 'SALES_CLOSED':
      return closedWords(failure.details?.reason);
    case 'VOUCHER_INVALID':
      return m.tickets_refused_because({ reason: voucherWords(failure) });
    case 'INVALID_INPUT':
      return 'tickets' in request ? m.tickets_refused_choice() : withCharge(m.refused_other(), request.price);
    case 'UNAUTHENTICATED':
      return m.refused_session();
    case 'NOT_FOUND':
      return m.refused_gone();
    default:
      return withCharge(m.refused_other(), owedFor(request));
  }
}

/** Why a request was refused by a rule of one of its ticket types. */
function typeRefusalWords(
  failure: Failure,
  { ticketType, ticketsLeft, limit }: RefusalDetails,
  request: SeatsRequest,
  types: readonly TicketType[],
): string {
  const name = isolated(types.find(({ id }) => id === ticketType)?.name ?? m.tickets_some());
  if (failure.code === 'SOLD_OUT')
    return ticketsLeft > 0
      ? m.tickets_refused_left({ name, count: ticketsLeft })
      : m.tickets_refused_none_left({ name });
  if (failure.code === 'SALES_CLOSED')
    return failure.details?.reason === 'not_open'
      ? m.tickets_refused_not_open({ name })
      : m.tickets_refused_closed({ name });
  if (failure.code !== 'LIMIT_EXCEEDED' || limit === null) return m.tickets_refused_choice();
  const asked = 'tickets' in request ? request.tickets.find(({ type }) => type === ticketType)?.count : request.seats;
  const reason = (asked ?? 0) < limit ? m.tickets_problem_least : m.tickets_problem_most;
  return m.tickets_refused_because({ reason: reason({ name, count: limit }) });
}

function priceWords({ price, total }: RefusalDetails, request: SeatsRequest): string | null {
  if ('tickets' in request)
    return total && m.tickets_refused_price({ old: formatMoney(request.total), new: formatMoney(total) });
  return price && m.refused_price({ old: formatMoney(request.price), new: formatMoney(price) });
}

function closedWords(reason: unknown): string {
  if (reason === 'not_open') return m.refused_not_open();
  return reason === 'cancelled' ? m.refused_cancelled() : m.refused_closed();
}

function isMoney(value: unknown): value is Money {
  return typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;
}
