import type { Role, User } from '#shared/account.ts';
import type { Booking } from '#shared/booking.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Cancellation, Event, EventChanges } from '#shared/event.ts';
import type { CheckInResult, EventBooking } from '#shared/organiser.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import type { EventStore } from '../event-store.svelte.ts';

/** The commands of organisers. Methods that return a reply never reject. */
export class Organiser {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #events: EventStore;

  constructor(connection: Pick<Connection, 'call'>, events: EventStore) {
    this.#connection = connection;
    this.#events = events;
  }

  /** Creates an event; on success the event is kept. */
  async create(input: CommandRequest<'createEvent'>): Promise<Reply<Event>> {
    return this.#takeReply(await this.#connection.call('createEvent', input));
  }

  /** Edits the event of this `revision`; on success the event is kept. */
  async update(eventId: string, revision: number, changes: EventChanges): Promise<Reply<Event>> {
    return this.#takeReply(await this.#connection.call('updateEvent', { eventId, revision, changes }));
  }

  /** Refunds part of the price; the seats stay booked. */
  async refund(input: CommandRequest<'refundBooking'>): Promise<Reply<Booking>> {
    return this.#connection.call('refundBooking', input);
  }

  /** The number of an event's confirmed bookings. */
  async countConfirmed(eventId: string): Promise<Reply<number>> {
    const reply = await this.#connection.call('listEventBookings', { eventId, status: 'confirmed', limit: 1 });
    return reply.ok ? { ok: true, data: reply.data.total } : reply;
  }

  /** What cancelling an event would cancel and refund; changes nothing. */
  async previewCancelEvent(eventId: string): Promise<Reply<Cancellation>> {
    // A dry run keeps no reason, but the contract asks for one.
    return this.#connection.call('cancelEvent', { eventId, reason: 'Preview', dryRun: true });
  }

  /** Cancels an event, its bookings and its waiting list. */
  async cancelEvent(eventId: string, reason: string): Promise<Reply<Cancellation>> {
    return this.#connection.call('cancelEvent', { eventId, reason });
  }

  /** Cancels a booking of any user, or `seats` of its seats; releases a hold. */
  async cancelBooking(input: CommandRequest<'cancelBooking'>): Promise<Reply<Booking>> {
    return this.#connection.call('cancelBooking', input);
  }

  /** Finds the booking of an event by its code; null if the event has none. */
  async findByCode(eventId: string, code: string): Promise<Reply<EventBooking | null>> {
    const reply = await this.#connection.call('listEventBookings', { eventId, query: code, limit: 1 });
    if (!reply.ok) return reply;
    const [found] = reply.data.bookings;
    return { ok: true, data: found?.code === code ? found : null };
  }

  /** Finds a booking of an event by its id; null if the event has none with it. */
  async findById(eventId: string, bookingId: string): Promise<Reply<EventBooking | null>> {
    const reply = await this.#connection.call('getBooking', { bookingId });
    if (!reply.ok) return reply.error.code === 'NOT_FOUND' ? { ok: true, data: null } : reply;
    // The list alone names the attendee of an organiser's own booking, too.
    return this.findByCode(eventId, reply.data.code);
  }

  /** Checks in `seats` seats of a ticket (default: all that are not inside). */
  async checkIn(input: CommandRequest<'checkIn'>): Promise<Reply<CheckInResult>> {
    return this.#connection.call('checkIn', input);
  }

  /** Sets the role of the account with this email address. */
  async setRole(email: string, role: Role): Promise<Reply<User>> {
    return this.#connection.call('setRole', { email, role });
  }

  #takeReply(reply: Reply<Event>): Reply<Event> {
    if (reply.ok) this.#events.take(reply.data);
    return reply;
  }
}
