import type { TicketType } from './ticket-type.ts';

/** A ticket type of one seat for 20 euros, without a limit. */
export function aTicketType(more: Partial<TicketType> = {}): TicketType {
  return {
    id: 't1',
    name: 'Ticket',
    description: '',
    price: { amount: 2000, currency: 'EUR' },
    seats: 1,
    limit: null,
    salesFrom: null,
    salesUntil: null,
    minPerBooking: 0,
    maxPerBooking: null,
    access: 'public',
    archived: false,
    available: 100,
    ...more,
  };
}
