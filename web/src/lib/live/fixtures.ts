import type { Booking } from '#shared/booking.ts';
import type { CommandName } from '#shared/protocol/commands.ts';
import type { Availability, Event } from '#shared/event.ts';
import { noDetails } from '#shared/events/details.ts';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import type { Voucher } from '#shared/tickets/voucher.ts';
import type { PushName } from '#shared/protocol/pushes.ts';
import type { Failure, Reply } from './connection/connection.svelte.ts';
import type { ActionDependencies } from './retryable-action.svelte.ts';

/** An event on sale in October 2026, with 100 free seats. */
export function anEvent(more: Partial<Event> = {}): Event {
  const id = more.id ?? '0123456789abcdef01234567';
  return {
    id,
    eventId: id,
    version: 1,
    totalSeats: 100,
    availableSeats: 100,
    heldSeats: 0,
    soldSeats: 0,
    waitingCount: 0,
    holdsUntil: null,
    title: 'Jazz im Hinterhof',
    description: '',
    venue: 'Alte Schlosserei',
    timeZone: 'Europe/Berlin',
    startsAt: '2026-10-14T18:00:00.000Z',
    endsAt: null,
    salesOpenAt: null,
    salesCloseAt: '2026-10-14T18:00:00.000Z',
    price: { amount: 2000, currency: 'EUR' },
    ticketTypes: [aTicketType()],
    maxSeatsPerBooking: 10,
    maxSeatsPerUser: null,
    holdMinutes: 10,
    offerMinutes: 120,
    cancelBeforeHours: 24,
    status: 'published',
    ...noDetails(),
    image: null,
    cancelReason: null,
    revision: 1,
    createdAt: '2026-09-01T00:00:00.000Z',
    updatedAt: '2026-09-01T00:00:00.000Z',
    ...more,
  };
}

/** A voucher of `anEvent()`: a tenth off every ticket, without a limit. */
export function aVoucher(more: Partial<Voucher> = {}): Voucher {
  return {
    id: 'c'.repeat(24),
    eventId: anEvent().id,
    code: 'SUMMER',
    percentOff: 10,
    amountOff: null,
    opens: [],
    ticketTypes: null,
    maxTickets: null,
    maxTicketsPerUser: null,
    validFrom: null,
    validUntil: null,
    note: '',
    disabled: false,
    held: 0,
    used: 0,
    createdAt: '2026-09-01T00:00:00.000Z',
    ...more,
  };
}

/** The seat counts of `anEvent()`. */
export function anAvailability(more: Partial<Availability> = {}): Availability {
  const { eventId, version, totalSeats, availableSeats, heldSeats, soldSeats, waitingCount, holdsUntil } = anEvent();
  return { eventId, version, totalSeats, availableSeats, heldSeats, soldSeats, waitingCount, holdsUntil, ...more };
}

/** A hold of 2 seats of `anEvent()` that ends at 12:10 UTC on 1 October 2026. */
export function aBooking(more: Partial<Booking> = {}): Booking {
  const { title, venue, timeZone, startsAt, endsAt, status, cancelReason } = anEvent();
  return {
    id: 'b'.repeat(24),
    version: 1,
    code: '7KQM2XTD9PWA',
    eventId: anEvent().id,
    event: { title, venue, timeZone, startsAt, endsAt, status, cancelReason },
    seats: 2,
    tickets: [{ type: 't1', name: 'Ticket', count: 2, price: { amount: 2000, currency: 'EUR' }, seats: 1 }],
    voucher: null,
    total: { amount: 4000, currency: 'EUR' },
    status: 'held',
    source: 'direct',
    holdExpiresAt: '2026-10-01T12:10:00.000Z',
    settling: false,
    payment: null,
    cancelUntil: null,
    ended: null,
    checkedInSeats: 0,
    moved: null,
    ticket: null,
    requestId: null,
    createdAt: '2026-10-01T12:00:00.000Z',
    updatedAt: '2026-10-01T12:00:00.000Z',
    ...more,
  };
}

/** A failed reply with this code. */
export function failure(code: Failure['code'], more: Partial<Failure> = {}): { ok: false; error: Failure } {
  return { ok: false, error: { code, message: code, ...more } as Failure };
}

/** A browser's storage in memory; `kept` holds its texts by key. */
export function memoryStorage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** Dependencies of an action: a sleep ends at once and advances `clock`; request ids are `request-1`, `request-2`, … */
export function actionDependencies(clock = { nowMs: 0 }): ActionDependencies {
  let made = 0;
  return {
    now: () => clock.nowMs,
    random: () => 0,
    sleepOrAbort: async (ms) => void (clock.nowMs += ms),
    newRequestId: () => `request-${(made += 1)}`,
  };
}

interface Sent {
  command: CommandName;
  input: unknown;
}

/** A connection whose answers and pushes a test gives. Commands end in `CONNECTION_LOST` until `answer` is set. */
export class FakeConnection {
  readonly sent: Sent[] = [];
  answer: (sent: Sent) => Reply<unknown> | Promise<Reply<unknown>> = () => failure('CONNECTION_LOST');
  readonly #listeners = new Map<string, ((payload: never) => void)[]>();
  readonly #connected: (() => void)[] = [];

  call(command: CommandName, input: unknown): Promise<never> {
    const sent = { command, input };
    this.sent.push(sent);
    return Promise.resolve(this.answer(sent)) as Promise<never>;
  }

  on(push: PushName, listener: (payload: never) => void): () => void {
    this.#listeners.set(push, [...(this.#listeners.get(push) ?? []), listener]);
    return () => undefined;
  }

  onConnected(listener: () => void): () => void {
    this.#connected.push(listener);
    return () => undefined;
  }

  push(push: PushName, payload: unknown): void {
    for (const listener of this.#listeners.get(push) ?? []) listener(payload as never);
  }

  connect(): void {
    for (const listener of this.#connected) listener();
  }
}
