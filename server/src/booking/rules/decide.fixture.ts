import { checkoutCommand } from '../../../test/support/payments/checkout-command.ts';
import type { EventSettings } from '#shared/event.ts';
import { noDetails } from '#shared/events/details.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { BookingState, Held } from './state/booking-state.ts';
import { requestKey } from './state/booking-state.ts';
import type { Book, Cancel, Command, Decision, Edit } from './command.ts';
import { decide } from './decide.ts';
import type { EventState, BatchState, TicketTypeState } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import { newAttempt, paymentFactsOf } from './payments/attempt.ts';
import type { OpenCheckout, Settle } from './payments/command.ts';
import { NO_VOUCHERS } from './vouchers/voucher-state.ts';
import { EMPTY_WAITLIST, FIRST_TYPE, firstTicketType } from './state/event-state.ts';
import { lowestPrice } from './tickets/edit-types.ts';
import { countOf, totalOf } from './tickets/line-items.ts';

/** The time at which the rules decide in these tests. */
export const NOW = new Date('2026-11-23T12:00:00.000Z');
export const EVENT_ID = 'e'.repeat(24);

export function minutes(count: number): Date {
  return new Date(NOW.getTime() + count * 60_000);
}

/** An id of 24 hexadecimal digits from a short name. */
export function idOf(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(24, '0').slice(0, 24);
}

export function settings(more: Partial<EventSettings> = {}): EventSettings {
  return {
    title: 'Jazz im Hinterhof',
    description: '',
    venue: 'Alte Schlosserei',
    timeZone: 'Europe/Berlin',
    startsAt: new Date('2026-12-01T19:00:00.000Z'),
    endsAt: null,
    salesOpenAt: null,
    salesCloseAt: null,
    price: { amount: 0, currency: 'EUR' },
    maxSeatsPerBooking: 10,
    maxSeatsPerUser: null,
    holdMinutes: 10,
    offerMinutes: 120,
    cancelBeforeHours: 24,
    status: 'published',
    ...noDetails(),
    ...more,
  };
}

type EventFacts = Partial<EventSettings> & { ticketTypes?: Partial<TicketTypeState>[] };

/**
 * The state of an event with these settings and bookings; its counters are the sums of the live bookings. Without
 * `ticketTypes` it has one, by its price; else `t1`, `t2` and so on.
 */
export function stateOf(more: EventFacts = {}, bookings: BookingState[] = [], totalSeats = 10): BatchState {
  const held = sum(bookings, 'held');
  const sold = sum(bookings, 'confirmed');
  const holds = bookings.filter((booking): booking is Held => booking.status === 'held');
  const seatsByUser = new Map<string, number>();
  for (const { userId, seats, status } of bookings) {
    if (status === 'held' || status === 'confirmed') seatsByUser.set(userId, (seatsByUser.get(userId) ?? 0) + seats);
  }
  const { ticketTypes: given, ...others } = more;
  const types = (given ?? [{}]).map((type, i) => ({
    ...firstTicketType(settings(others).price),
    id: `t${i + 1}`,
    ...type,
  }));
  const ticketTypes = types.map((type) => ({
    ...type,
    held: ticketsOf(bookings, 'held', type.id),
    sold: ticketsOf(bookings, 'confirmed', type.id),
  }));
  const event: EventState = {
    id: EVENT_ID,
    settings: { ...settings(others), price: lowestPrice(ticketTypes) },
    ticketTypes,
    ticketOrder: ticketTypes.map(({ id }) => id),
    ticketTypesMade: ticketTypes.length,
    counters: { totalSeats, availableSeats: totalSeats - held - sold, heldSeats: held, soldSeats: sold },
    version: 7,
    revision: 3,
    waitingCount: 0,
    holdsUntil: holds.reduce<Date | null>(
      (last, hold) => (last && last > hold.holdExpiresAt ? last : hold.holdExpiresAt),
      null,
    ),
    image: null,
    cancelReason: null,
    movedAt: null,
    moves: [],
    isSample: false,
  };
  return {
    event,
    bookings: new Map(bookings.map((booking) => [booking.id, booking])),
    requests: new Map(bookings.map((booking) => [requestKey(booking.userId, booking.requestId ?? ''), booking])),
    changeRequests: new Map(bookings.flatMap((b) => b.changeRequests.map(({ key }) => [key, b] as const))),
    liveHolds: new Map(holds.map((hold) => [hold.userId, hold.id])),
    seatsByUser,
    attempts: new Map(),
    refundRequests: new Map(),
    closedAccounts: new Set(),
    otherHoldsUntil: null,
    provisionalSeats: bookings.reduce((seats, b) => seats + (b.status === 'held' && b.provisional ? b.seats : 0), 0),
    everBooked: bookings.length > 0,
    waitlist: EMPTY_WAITLIST,
    vouchers: NO_VOUCHERS,
  };
}

function sum(bookings: BookingState[], status: BookingState['status']): number {
  return bookings.reduce((total, booking) => total + (booking.status === status ? booking.seats : 0), 0);
}

function ticketsOf(bookings: BookingState[], status: BookingState['status'], type: string): number {
  const counted = bookings.filter((booking) => booking.status === status);
  return counted.reduce((total, { tickets }) => total + countOf(tickets, type), 0);
}

/** Decides commands of one batch at `NOW`. */
export function when(state: BatchState, ...commands: Command[]): Decision {
  return decide(state, commands, NOW);
}

type BookingIds = Pick<Book, 'userId' | 'requestId' | 'bookingId' | 'code'>;

/** `asked`: seats of the only type, or tickets as "t1" to a number. */
export function book(
  user: string,
  asked: number | Record<string, number>,
  more: Partial<BookingIds> & { price?: Money | null; total?: Money; voucher?: string } = {},
): Book {
  const { price = null, total = null, voucher = null, ...ids } = more;
  const wanted = typeof asked === 'number' ? { seats: asked, price } : { tickets: ticketsBy(asked), voucher, total };
  const name = typeof asked === 'number' ? asked : Object.entries(asked).flat().join('');
  const requestId = more.requestId ?? `request-${user}-${name}`;
  return {
    type: 'book',
    ...wanted,
    userId: idOf(user),
    requestId,
    bookingId: idOf(requestId.slice(-12)),
    code: `CODE${user}`,
    ...ids,
  };
}

/** Tickets by their type. */
export function ticketsBy(counts: Record<string, number>) {
  return Object.entries(counts).map(([type, count]) => ({ type, count }));
}

export function cancel(booking: BookingState, more: Partial<Cancel> = {}): Cancel {
  return {
    type: 'cancel',
    bookingId: booking.id,
    actor: booking.userId,
    by: 'buyer',
    requestId: null,
    seats: null,
    reason: null,
    ...more,
  };
}

export function edit(changes: Edit['changes'], revision = 3): Edit {
  return { type: 'edit', actor: idOf('admin'), revision, changes };
}

/** A stored booking of a user, confirmed unless `state` says otherwise. */
export function booked(
  user: string,
  seats: number,
  { price = { amount: 0, currency: 'EUR' }, ...state }: Partial<BookingState> & { price?: Money } = {},
): BookingState {
  return {
    id: idOf(`b-${user}`),
    version: 1,
    code: `CODE${user}`,
    eventId: EVENT_ID,
    userId: idOf(user),
    seats,
    tickets: [{ type: FIRST_TYPE, count: seats, price, seats: 1 }],
    voucher: null,
    provisional: false,
    adoptedFrom: null,
    source: 'direct',
    requestId: `stored-${user}`,
    requested: { seats, price: null },
    payment: null,
    checkedInSeats: 0,
    checkedInAt: null,
    personalTickets: [],
    changeRequests: [],
    movesSeenAt: null,
    reasons: [],
    cancelledParts: [],
    createdAt: minutes(-60),
    updatedAt: minutes(-60),
    status: 'confirmed',
    ...state,
  } as BookingState;
}

/** A stored hold of a user, at 20 euros a seat. */
export function held(user: string, seats: number, until: Date): BookingState {
  return booked(user, seats, {
    status: 'held',
    holdExpiresAt: until,
    settling: false,
    price: { amount: 2000, currency: 'EUR' },
  });
}

/** The state with an attempt to pay for all seats of a booking. */
export function paying(state: BatchState, booking: BookingState, more: Partial<Attempt> = {}): BatchState {
  const attempts = [...(state.attempts.get(booking.id) ?? []), attemptOf(booking, more)];
  const after = { ...booking, payment: paymentFactsOf(attempts) };
  return {
    ...state,
    bookings: new Map([...state.bookings, [booking.id, after]]),
    attempts: new Map([...state.attempts, [booking.id, attempts]]),
  };
}

/** An attempt to pay for a booking, open unless `more` says otherwise. */
export function attemptOf(booking: BookingState, more: Partial<Attempt> = {}): Attempt {
  const amount = totalOf(booking.tickets);
  const paid = more.status === 'paid' ? { charge: 'charge', paid: amount, paidAt: minutes(-5) } : {};
  const attempt = newAttempt({
    id: idOf(`p-${booking.id.slice(0, 9)}`),
    bookingId: booking.id,
    userId: booking.userId,
    attempt: 1,
    provider: 'demo',
    amount,
    seats: booking.seats,
    terms: TERMS,
    createdAt: minutes(-10),
  });
  return { ...attempt, version: 1, ...paid, ...more };
}

const TERMS = {
  title: 'Jazz',
  venue: 'Club',
  timeZone: 'UTC',
  startsAt: minutes(600),
  locale: 'en' as const,
  email: 'a@example.org',
  heldUntil: minutes(5),
  expiresAt: minutes(36),
  returnUrl: 'https://example.org/paid',
};

export function pay(booking: BookingState, more: Partial<Settle> = {}): Settle {
  const { id: paymentId, amount } = attemptOf(booking);
  return { type: 'settle', bookingId: booking.id, paymentId, charge: 'charge', amount, ...more };
}

export function openCheckout(booking: BookingState, paymentId = attemptOf(booking).id): OpenCheckout {
  return checkoutCommand({ bookingId: booking.id, actor: booking.userId, paymentId });
}
