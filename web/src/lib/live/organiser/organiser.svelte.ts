import type { Role, User } from '#shared/account.ts';
import type { Booking } from '#shared/booking.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Cancellation, Event, EventChanges } from '#shared/event.ts';
import type { CheckInResult, EventBooking } from '#shared/organiser.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import type { EventStore } from '../event-store.svelte.ts';
import { Attendees } from './attendees.svelte.ts';
import { Sales } from './sales.svelte.ts';
import { PaymentIssues } from './payment-issues.svelte.ts';

const LIST_LIMIT = 100;

/** What organisers do with events. */
export class Organiser {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #events: EventStore;
  #list: Event[] | null = $state.raw(null);

  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, events: EventStore) {
    this.#connection = connection;
    this.#events = events;
    connection.on('eventChanged', (event) => this.#add(event));
  }

  /** All events, drafts included, as far as they were asked for; null before. */
  get list(): Event[] | null {
    return this.#list;
  }

  async load(): Promise<void> {
    const reply = await this.#connection.call('listEvents', { when: 'all', limit: LIST_LIMIT });
    if (!reply.ok) return;
    for (const event of reply.data.events) this.#events.take(event);
    this.#list = reply.data.events;
  }

  async create(input: CommandRequest<'createEvent'>): Promise<Reply<Event>> {
    return this.#taken(await this.#connection.call('createEvent', input));
  }

  async update(eventId: string, revision: number, changes: EventChanges): Promise<Reply<Event>> {
    return this.#taken(await this.#connection.call('updateEvent', { eventId, revision, changes }));
  }

  /** The sale of an event, for as long as a page shows it. */
  sales(eventId: string): Sales {
    return new Sales(this.#connection, eventId, { later });
  }

  /** The bookings of an event, a page at a time. */
  attendees(eventId: string): Attendees {
    return new Attendees(this.#connection, eventId, { later });
  }

  /** Money of an event, or of all, that a person has to look at. */
  paymentIssues(eventId: string | null): PaymentIssues {
    return new PaymentIssues(this.#connection, eventId, { later });
  }

  /** Gives part of a price back; the seats stay. */
  async refund(input: CommandRequest<'refundBooking'>): Promise<Reply<Booking>> {
    return this.#connection.call('refundBooking', input);
  }

  /** What calling an event off would take back; changes nothing. */
  async previewCancelEvent(eventId: string): Promise<Reply<Cancellation>> {
    // A dry run keeps no reason, but the contract asks for one.
    return this.#connection.call('cancelEvent', { eventId, reason: 'Preview', dryRun: true });
  }

  async cancelEvent(eventId: string, reason: string): Promise<Reply<Cancellation>> {
    return this.#connection.call('cancelEvent', { eventId, reason });
  }

  /** Cancels somebody's booking, or releases their hold. */
  async cancelBooking(bookingId: string, seats?: number): Promise<Reply<Booking>> {
    return this.#connection.call('cancelBooking', { bookingId, ...(seats !== undefined && { seats }) });
  }

  /** The booking of an event with this code; null where the event has none. */
  async findByCode(eventId: string, code: string): Promise<Reply<EventBooking | null>> {
    const reply = await this.#connection.call('listEventBookings', { eventId, query: code, limit: 1 });
    if (!reply.ok) return reply;
    const [found] = reply.data.bookings;
    return { ok: true, data: found?.code === code ? found : null };
  }

  async checkIn(ticket: string, seats?: number): Promise<Reply<CheckInResult>> {
    return this.#connection.call('checkIn', { ticket, ...(seats !== undefined && { seats }) });
  }

  async setRole(email: string, role: Role): Promise<Reply<User>> {
    return this.#connection.call('setRole', { email, role });
  }

  #taken(reply: Reply<Event>): Reply<Event> {
    if (reply.ok) this.#events.take(reply.data);
    return reply;
  }

  #add(event: Event): void {
    if (this.#list === null || this.#list.some((one) => one.id === event.id)) return;
    this.#list = [...this.#list, event].sort((one, other) => one.startsAt.localeCompare(other.startsAt));
  }
}

function later(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
