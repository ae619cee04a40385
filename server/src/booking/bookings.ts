import { Types } from 'mongoose';
import type { Models } from '#server/models/models.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Booking, BookingPage, ListBookingsInput } from '#shared/booking.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { newCode } from './rules/code.ts';
import type { CommandResult } from './rules/command.ts';
import type { Engine } from './engine/engine.ts';
import { toBookingDoc, toLedgerEvent } from './store/records.ts';
import type { BookingViews } from './booking-views.ts';
import { createBookingViews } from './booking-views.ts';
import type { TicketOf } from './tickets.ts';

const { ObjectId } = Types;

export interface BookingsOptions {
  models: Models;
  engine: Engine;
  ticketOf: TicketOf;
  random: () => number;
  /** Ends the open checkout of a hold that is to have another size; answers why it cannot, or null. */
  retract: (booking: BookingDoc, seats: number) => Promise<Refusal | null>;
}

/** What buyers can do with bookings. Writes go through the engine, reads straight to the database. */
export function createBookings({ models, engine, ticketOf, random, retract }: BookingsOptions) {
  const views = createBookingViews(ticketOf);
  const reply = replyOf(views.reply);

  async function book(input: CommandInput<'book'>, userId: string): Promise<Result<Booking>> {
    const { eventId, requestId, seats, price = null } = input;
    const bookingId = new ObjectId().toHexString();
    const command = { type: 'book', userId, requestId, seats, price, bookingId, code: newCode(random) } as const;
    const answer = reply(await engine.submit(eventId.toLowerCase(), command));
    return isUnknown(answer) && (await wasUsed(requestId, userId)) ? refuse('REQUEST_ID_REUSED') : answer;
  }

  /** An event that does not exist has no queue, which would know what a request has made before. */
  async function wasUsed(requestId: string, userId: string): Promise<boolean> {
    // `$type` lets the planner use the partial unique index.
    const request = { requestId: { $eq: requestId, $type: 'string' as const }, userId: new ObjectId(userId) };
    return (await models.bookings.exists(request)) !== null;
  }

  /** Another user's booking is `NOT_FOUND`, unless the caller is an admin. */
  async function cancel(
    input: CommandInput<'cancelBooking'>,
    actor: string,
    isAdmin: () => Promise<boolean>,
  ): Promise<Result<Booking>> {
    const found = await visible(input.bookingId, actor, isAdmin);
    if (!found) return refuse('NOT_FOUND');
    const by = found.userId.equals(actor) ? 'buyer' : 'organiser';
    const bookingId = found._id.toHexString();
    const command = { type: 'cancel', bookingId, actor, by, seats: input.seats ?? null, reason: null } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** Another party size for one's own hold, with the same end; without enough seats it stays as it was. */
  async function changeHold({ bookingId, seats }: CommandInput<'changeHold'>, actor: string): Promise<Result<Booking>> {
    const found = await own(bookingId, actor);
    if (!found) return refuse('NOT_FOUND');
    const error = await retract(found, seats);
    if (error) return { ok: false, error };
    const command = { type: 'changeHold', bookingId: found._id.toHexString(), actor, seats } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** Takes one's own hold that owes nothing: an offer of a free event. */
  async function confirm({ bookingId }: CommandInput<'confirmBooking'>, actor: string): Promise<Result<Booking>> {
    const found = await own(bookingId, actor);
    if (!found) return refuse('NOT_FOUND');
    const command = { type: 'confirm', bookingId: found._id.toHexString(), actor } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  async function get(bookingId: string, actor: string, isAdmin: () => Promise<boolean>): Promise<Result<Booking>> {
    const found = await visible(bookingId, actor, isAdmin);
    const event = found && (await models.events.findById(found.eventId).lean<EventDoc>());
    return found && event ? ok(views.show(found, event)) : refuse('NOT_FOUND');
  }

  async function list(input: ListBookingsInput, userId: string): Promise<Result<BookingPage>> {
    const { page, limit, status } = input;
    const filter = { userId: new ObjectId(userId), ...(status ? { status } : {}) };
    const [total, found] = await Promise.all([
      models.bookings.countDocuments(filter),
      models.bookings
        .find(filter)
        .sort({ _id: -1 })
        .skip((page - 1) * limit)
        .limit(limit)
        .lean<BookingDoc[]>(),
    ]);
    return ok({ bookings: await shown(found), page, limit, total });
  }

  /** All of somebody's bookings, newest first. */
  async function all(userId: string): Promise<Booking[]> {
    const found = await models.bookings.find({ userId }).sort({ _id: -1 }).lean<BookingDoc[]>();
    return shown(found);
  }

  async function shown(found: readonly BookingDoc[]): Promise<Booking[]> {
    const events = await eventsOf(found);
    return found.flatMap((doc) => {
      const event = events.get(doc.eventId.toHexString());
      return event ? [views.show(doc, event)] : [];
    });
  }

  function own(bookingId: string, actor: string): Promise<BookingDoc | null> {
    return visible(bookingId, actor, async () => false);
  }

  async function visible(bookingId: string, actor: string, isAdmin: () => Promise<boolean>) {
    const found = await models.bookings.findById(bookingId).lean<BookingDoc>();
    return found && (found.userId.equals(actor) || (await isAdmin())) ? found : null;
  }

  async function eventsOf(bookings: readonly BookingDoc[]): Promise<Map<string, EventDoc>> {
    const ids = new Set(bookings.map((doc) => doc.eventId.toHexString()));
    const events = await models.events.find({ _id: { $in: [...ids] } }).lean<EventDoc[]>();
    return new Map(events.map((event) => [event._id.toHexString(), event]));
  }

  return { book, changeHold, confirm, cancel, get, list, all, views };
}

function isUnknown(answer: Result<unknown>): boolean {
  return !answer.ok && answer.error.code === 'NOT_FOUND';
}

/** What a command about a booking answers: the booking with its event as its batch left both. */
export function createBookingReply(ticketOf: TicketOf): (settled: CommandResult) => Result<Booking> {
  return replyOf(createBookingViews(ticketOf).show);
}

function replyOf(show: BookingViews['show']): (settled: CommandResult) => Result<Booking> {
  return ({ outcome, event }) => {
    if (!outcome.ok) return outcome;
    if (!('booking' in outcome) || !event) throw new Error('A booking command was settled without a booking');
    return ok(show(toBookingDoc(outcome.booking), toLedgerEvent(event)));
  };
}

export type Bookings = ReturnType<typeof createBookings>;
