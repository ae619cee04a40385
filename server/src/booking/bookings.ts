import type { UserDoc } from '#server/models/accounts/account.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { createWholeLists } from '#server/models/reads/whole-lists.ts';
import { toAttendee } from '#server/models/views.ts';
import type { Booking, BookingPage, ListBookingsInput } from '#shared/booking.ts';
import type { ReadBooking } from '#shared/organiser.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { BookingViews } from './booking-views.ts';
import { createBookingViews } from './booking-views.ts';
import type { Engine } from './engine/engine.ts';
import { missingRefusal } from './missing-refusal.ts';
import { newCode } from './rules/code.ts';
import type { CommandResult } from './rules/command.ts';
import type { HoldChange } from './rules/state/booking-state.ts';
import { newId } from './store/new-id.ts';
import {
  findBooking,
  findBookingPage,
  findBookingsOfUser,
  findBookingsOfUsers,
  findEventsOf,
  hasBookingRequest,
} from './store/queries/booking-queries.ts';
import { toBookingDoc, toLedgerEvent } from './store/records.ts';
import type { TicketOf } from './tickets.ts';

interface BookingsOptions {
  models: Pick<Models, 'bookings' | 'events' | 'users' | 'provisionalAccounts'>;
  engine: Engine;
  ticketOf: TicketOf;
  /** Numbers in [0, 1), for booking codes. */
  random: () => number;
  /** Ends the open checkout of a hold before its tickets change; resolves with a refusal if it cannot, else null. */
  retract: (booking: BookingDoc, change: HoldChange) => Promise<Refusal | null>;
}

export type Bookings = ReturnType<typeof createBookings>;

/**
 * The commands of buyers on bookings. Writes go through the event's queue and are refused by its rules; reads go
 * straight to the database.
 */
export function createBookings({ models, engine, ticketOf, random, retract }: BookingsOptions) {
  const views = createBookingViews(ticketOf);
  const reply = replyOf(views.reply);
  const readAll = createWholeLists((userIds, limit) => findBookingsOfUsers(models, userIds, limit));

  /** `isProvisional`: the buyer's address is not known yet. */
  async function book(input: CommandInput<'book'>, userId: string, isProvisional = false): Promise<Result<Booking>> {
    const { eventId, requestId } = input;
    const asked =
      'tickets' in input
        ? { tickets: input.tickets, voucher: input.voucher ?? null, total: input.total ?? null }
        : { seats: input.seats, price: input.price ?? null };
    const made = { bookingId: newId(), code: newCode(random) };
    const visitor = isProvisional ? { isProvisional: true as const } : {};
    const command = { type: 'book', userId, requestId, ...asked, ...made, ...visitor } as const;
    const answer = reply(await engine.submit(eventId.toLowerCase(), command));
    // An event that does not exist has no queue, which would know the user's earlier requests.
    if (!answer.ok && answer.error.code === 'NOT_FOUND' && (await hasBookingRequest(models, userId, requestId)))
      return refuse('REQUEST_ID_REUSED');
    return answer;
  }

  /**
   * Cancels a booking, or some of its tickets. Another user's booking is `NOT_FOUND`, unless the caller is an admin; a
   * reason that is not an organiser's is `INVALID_INPUT`.
   */
  async function cancel(
    input: CommandInput<'cancelBooking'>,
    actor: string,
    isAdmin: () => Promise<boolean>,
  ): Promise<Result<Booking>> {
    const { reason = null, requestId = null } = input;
    const part = 'tickets' in input ? { seats: null, tickets: input.tickets } : { seats: input.seats ?? null };
    const found = await findBooking(models, input.bookingId);
    const isOwn = found !== null && (found.userId.equals(actor) || (await wasRefused(found, actor)));
    if (!found || !(isOwn || (await isAdmin()))) return missingRefusal(models, 'cancel', { actor, requestId });
    const by = isOwn ? 'buyer' : 'organiser';
    if (reason !== null && by === 'buyer' && !(await isAdmin()))
      return refuse('INVALID_INPUT', { issues: [REASON_ISSUE] });
    const bookingId = found._id.toHexString();
    const command = { type: 'cancel', bookingId, actor, by, requestId, ...part, reason } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** Changes the tickets of the caller's own hold, whose end stays; without enough seats the hold stays as it was. */
  async function changeHold(input: CommandInput<'changeHold'>, actor: string): Promise<Result<Booking>> {
    const found = await findOwn(input.bookingId, actor);
    if (!found) return refuse('NOT_FOUND');
    const change: HoldChange =
      'tickets' in input ? { tickets: input.tickets, voucher: input.voucher ?? null } : { seats: input.seats };
    const error = await retract(found, change);
    if (error) return { ok: false, error };
    const command = { type: 'changeHold', bookingId: found._id.toHexString(), actor, ...change } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** Confirms the caller's own hold that costs nothing: an offer of a free event. */
  async function confirm({ bookingId }: CommandInput<'confirmBooking'>, actor: string): Promise<Result<Booking>> {
    const found = await findOwn(bookingId, actor);
    if (!found) return refuse('NOT_FOUND');
    const command = { type: 'confirm', bookingId: found._id.toHexString(), actor } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** Notes on the caller's own booking that a move of its event was seen. */
  async function acknowledgeMove(
    { bookingId, at }: CommandInput<'acknowledgeMove'>,
    actor: string,
  ): Promise<Result<Booking>> {
    const found = await findOwn(bookingId, actor);
    if (!found) return refuse('NOT_FOUND');
    const command = { type: 'acknowledgeMove', bookingId: found._id.toHexString(), actor, at: new Date(at) } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** Notes that the caller has sent the link of one seat's own ticket, or revokes that ticket. */
  async function changePersonalTicket(
    type: 'shareTicket' | 'revokeTicket',
    { bookingId, ...ticket }: CommandInput<'shareTicket'>,
    actor: string,
  ): Promise<Result<Booking>> {
    const found = await findOwn(bookingId, actor);
    if (!found) return refuse('NOT_FOUND');
    const command = { type, bookingId: found._id.toHexString(), actor, ticket } as const;
    return reply(await engine.submit(found.eventId.toHexString(), command));
  }

  /** Another user's booking is `NOT_FOUND`, unless the caller is an admin, who also gets its attendee. */
  async function get(bookingId: string, actor: string, isAdmin: () => Promise<boolean>): Promise<Result<ReadBooking>> {
    const found = await findVisible(bookingId, actor, isAdmin);
    const [booking] = found ? await show([found]) : [];
    if (!found || !booking) return refuse('NOT_FOUND');
    if (found.userId.equals(actor)) return ok(booking);
    return ok({ ...booking, attendee: toAttendee(await models.users.findById(found.userId).lean<UserDoc>()) });
  }

  /** One page of a user's bookings, newest first. */
  async function list(input: ListBookingsInput, userId: string): Promise<Result<BookingPage>> {
    const { page, limit, status } = input;
    const whole = await readAll(userId);
    const { found, total } = whole
      ? pageOf(whole, input)
      : await findBookingPage(models, { userId, status, page, limit });
    return ok({ bookings: await show(found), page, limit, total });
  }

  /** All bookings of a user, newest first. */
  async function all(userId: string): Promise<Booking[]> {
    return show(await findBookingsOfUser(models, userId));
  }

  async function show(found: readonly BookingDoc[]): Promise<Booking[]> {
    const events: Map<string, EventDoc> = await findEventsOf(models, found);
    return found.flatMap((doc) => {
      const event = events.get(doc.eventId.toHexString());
      return event ? [views.show(doc, event)] : [];
    });
  }

  function findOwn(bookingId: string, actor: string): Promise<BookingDoc | null> {
    return findVisible(bookingId, actor, async () => false);
  }

  async function findVisible(bookingId: string, actor: string, isAdmin: () => Promise<boolean>) {
    const found = await findBooking(models, bookingId);
    return found && (found.userId.equals(actor) || (await isAdmin())) ? found : null;
  }

  /** Whether the actor made this hold as a visitor, and the limits of the actor's account refused to adopt it. */
  async function wasRefused({ userId, provisional }: BookingDoc, actor: string): Promise<boolean> {
    if (!provisional) return false;
    return (await models.provisionalAccounts.exists({ _id: userId, takenOverBy: actor })) !== null;
  }

  return { book, changeHold, confirm, acknowledgeMove, changePersonalTicket, cancel, get, list, all, views };
}

/** One page of all bookings of a user. */
function pageOf(whole: readonly BookingDoc[], { page, limit, status }: ListBookingsInput) {
  const all = status ? whole.filter((booking) => booking.status === status) : whole;
  return { found: all.slice((page - 1) * limit, page * limit), total: all.length };
}

const REASON_ISSUE = { path: ['reason'], code: 'custom', message: 'Only organisers give a reason' };

/** The reply to a command on a booking: the booking with its event, both as the command's batch left them. */
export function createBookingReply(ticketOf: TicketOf): (result: CommandResult) => Result<Booking> {
  return replyOf(createBookingViews(ticketOf).show);
}

function replyOf(show: BookingViews['show']): (result: CommandResult) => Result<Booking> {
  return ({ outcome, event }) => {
    if (!outcome.ok) return outcome;
    if (!('booking' in outcome) || !event) throw new Error('A command on a booking was decided without a booking');
    return ok(show(toBookingDoc(outcome.booking), toLedgerEvent(event)));
  };
}
