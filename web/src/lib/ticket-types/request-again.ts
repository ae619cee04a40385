import type { Booking } from '#shared/booking.ts';
import type { Event } from '#shared/event.ts';
import type { SeatsRequest } from '#lib/live/buying/seats-request.ts';
import type { VoucherCheck } from '#lib/live/buying/voucher-check.svelte.ts';
import { chosenTickets, countsOf, totalOf } from './choice.ts';
import { bookableTypes, isSoldBySeats } from './sold-types.ts';

/** The request for the tickets of an ended hold at today's prices; null if they are not all to be had any more. */
export function requestAgain(
  ended: Pick<Booking, 'seats' | 'tickets'>,
  event: Event,
  voucher: Pick<VoucherCheck, 'types' | 'codeFor'>,
): SeatsRequest | null {
  if (isSoldBySeats(event) && voucher.types.length === 0) return { seats: ended.seats, price: event.price };
  const types = bookableTypes(event, voucher.types);
  const counts = countsOf(ended.tickets);
  if (Object.keys(counts).some((id) => !types.some((type) => type.id === id))) return null;
  const tickets = chosenTickets(types, counts);
  return {
    tickets,
    voucher: voucher.codeFor(tickets),
    seats: ended.seats,
    total: totalOf(types, counts),
  };
}
