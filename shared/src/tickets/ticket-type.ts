import { z } from 'zod';
import { MAX_PRICE_AMOUNT, money, singleLine, text, time } from '../protocol/primitives.ts';

/** The most ticket types that an event sells, and the most different ones in one booking. */
export const MAX_TICKET_TYPES = 30;
/** The most seats that one ticket takes. */
const MAX_SEATS_PER_TICKET = 20;
/** The most tickets of one type in a booking that the wire contract lets an organiser demand. */
const MAX_MINIMUM = 20;
/** The most tickets that one line of a booking can have: all seats of the largest event. */
const MAX_TICKETS = 1_000_000;

/** The id of a ticket type within its event: `t1`, `t2`, … Never used again after the type is removed. */
export const ticketTypeId = z.string().regex(/^t[1-9]\d{0,5}$/, 'Expected the id of a ticket type, such as t1');

const ticketTypeAccess = z.enum(['public', 'voucher']);

/**
 * A ticket type of an event. `seats`: what one ticket takes from the event's pool; 0 is an extra, sold only beside a
 * seat. `available`: how many tickets its limit and the free seats allow together. `access: 'voucher'`: hidden until a
 * voucher opens it. `archived`: sold no more. `held` and `sold` count tickets, for organisers alone.
 */
export const ticketType = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  price: money,
  seats: z.int(),
  limit: z.int().nullable(),
  salesFrom: time.nullable(),
  salesUntil: time.nullable(),
  minPerBooking: z.int(),
  maxPerBooking: z.int().nullable(),
  access: ticketTypeAccess,
  archived: z.boolean(),
  available: z.int(),
  held: z.int().optional(),
  sold: z.int().optional(),
});
export type TicketType = z.infer<typeof ticketType>;

/** How many tickets of each public type can be booked now. */
export const ticketsLeft = z.array(z.object({ type: z.string(), available: z.int() }));
export type TicketsLeft = z.infer<typeof ticketsLeft>;

/** A ticket type as an organiser sets it; `id` names an existing one. */
const ticketTypeInput = z.strictObject({
  id: ticketTypeId.optional(),
  name: singleLine(60),
  description: text(300).default(''),
  price: money.extend({ amount: z.int().min(0).max(MAX_PRICE_AMOUNT) }),
  seats: z.int().min(0).max(MAX_SEATS_PER_TICKET).default(1),
  limit: z.int().min(0).max(MAX_TICKETS).nullable().default(null),
  salesFrom: time.nullable().default(null),
  salesUntil: time.nullable().default(null),
  minPerBooking: z.int().min(0).max(MAX_MINIMUM).default(0),
  maxPerBooking: z.int().min(1).max(MAX_TICKETS).nullable().default(null),
  access: ticketTypeAccess.default('public'),
});
export type TicketTypeInput = z.infer<typeof ticketTypeInput>;

/** The ticket types of an event in their order. In an edit the whole list: a type that is left out is sold no more. */
export const ticketTypesInput = z.array(ticketTypeInput).min(1).max(MAX_TICKET_TYPES);

/** How many tickets of one type somebody wants. */
export const ticketCount = z.strictObject({ type: ticketTypeId, count: z.int().min(1).max(MAX_TICKETS) });
export type TicketCount = z.infer<typeof ticketCount>;

/** Tickets of different types, each type once. */
export const ticketCounts = z
  .array(ticketCount)
  .min(1)
  .max(MAX_TICKET_TYPES)
  .refine((tickets) => new Set(tickets.map(({ type }) => type)).size === tickets.length, 'Names a ticket type twice');

/**
 * The tickets of one type in a booking: their number, what each cost, and the seats that each takes. `discount`: what the
 * booking's voucher took off each; absent where the voucher does not concern them.
 */
export const lineItem = z.object({
  type: z.string(),
  name: z.string(),
  count: z.int(),
  price: money,
  seats: z.int(),
  discount: money.optional(),
});
