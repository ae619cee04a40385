import type { Booking } from '#shared/booking.ts';
import { LINKED_TICKETS_KEY, type TextStorage } from '../text-storage.ts';
import { newerVersion } from '../versions.ts';

const KEY = 'frontrow.tickets';
/** The number of tickets kept; the ones that arrived or were opened last stay. About 1 kB each. */
const MOST_TICKETS = 200;

interface Kept {
  userId: string;
  /** When the session ends by itself (ISO 8601); null if unknown. */
  sessionEndsAt: string | null;
  /** When the server last sent one of them, in milliseconds by this device's clock. */
  asOfMs: number;
  tickets: Booking[];
  /** By id the ends of the events whose tickets found no room; absent if an earlier version wrote this. */
  missing?: Record<string, string>;
}

/**
 * The tickets of the signed-in user, kept in the browser's storage so that they can be shown without a network. They
 * belong to one account and are deleted when it signs out.
 */
export class KeptTickets {
  readonly #storage: TextStorage;
  readonly #now: () => number;
  #kept: Kept | null = $state.raw(null);

  constructor(storage: TextStorage, now: () => number) {
    this.#storage = storage;
    this.#now = now;
    this.#kept = parseKept(storage.getItem(KEY));
  }

  get all(): Booking[] {
    return this.#kept?.tickets ?? [];
  }

  /** When the server last sent one of them, in milliseconds by this device's clock; null without tickets. */
  get asOfMs(): number | null {
    return this.#kept?.asOfMs ?? null;
  }

  /** The number of tickets of coming events that are not among them, because there was no room. */
  missingCount(nowMs: number): number {
    return Object.values(this.#kept?.missing ?? {}).filter((endsAt) => nowMs < Date.parse(endsAt)).length;
  }

  byId(bookingId: string): Booking | undefined {
    return this.all.find((ticket) => ticket.id === bookingId);
  }

  /** Keeps tickets of this user; tickets of another user are dropped. */
  keep(userId: string, tickets: Booking[]): void {
    const kept = this.#kept?.userId === userId ? this.#kept : null;
    const known = new Map(kept?.tickets.map((one) => [one.id, one]));
    const newest = tickets.map((ticket) => newerVersion(known.get(ticket.id), ticket));
    const ids = new Set(tickets.map(({ id }) => id));
    const others = (kept?.tickets ?? []).filter(({ id }) => !ids.has(id));
    const all = [...newest, ...others];
    const missing = { ...kept?.missing };
    all.forEach(({ id, event }, index) => {
      if (index < MOST_TICKETS) delete missing[id];
      else missing[id] = event.endsAt ?? event.startsAt;
    });
    this.#write({
      userId,
      sessionEndsAt: kept?.sessionEndsAt ?? null,
      asOfMs: this.#now(),
      tickets: all.slice(0, MOST_TICKETS),
      missing,
    });
  }

  /** Updates kept tickets to newer states of their bookings; other bookings are ignored. */
  update(bookings: Booking[]): void {
    const arrived = new Map(bookings.map((booking) => [booking.id, booking]));
    const missing = { ...this.#kept?.missing };
    if (this.#kept === null || !bookings.some(({ id }) => id in missing || this.byId(id))) return;
    const tickets = this.#kept.tickets.map((one) => newerVersion(one, arrived.get(one.id) ?? one));
    for (const { id, status } of bookings) if (status !== 'confirmed') delete missing[id];
    this.#write({ ...this.#kept, asOfMs: this.#now(), tickets, missing });
  }

  /** Sets the signed-in user and the end of the session; tickets of another user are deleted. */
  claim(userId: string, sessionEndsAt: string | null): void {
    if (this.#kept === null) return;
    if (this.#kept.userId !== userId) this.clear();
    else if (sessionEndsAt !== null) this.#write({ ...this.#kept, sessionEndsAt });
  }

  /**
   * Notes that the session is gone. An expired session leaves the tickets to their owner; a session that was ended
   * before its time, or whose end is unknown, takes them along.
   */
  sessionGone(): void {
    const endsAt = this.#kept?.sessionEndsAt ?? null;
    if (endsAt === null || this.#now() < Date.parse(endsAt)) this.clear();
  }

  /** Deletes all tickets, in storage too, and those that links have opened. */
  clear(): void {
    this.#kept = null;
    this.#storage.removeItem(KEY);
    this.#storage.removeItem(LINKED_TICKETS_KEY);
  }

  #write(kept: Kept): void {
    this.#kept = kept;
    this.#storage.setItem(KEY, JSON.stringify(kept));
  }
}

/** The stored tickets; null if the text is not in the format that `#write` writes. */
function parseKept(text: string | null): Kept | null {
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Partial<Kept>;
    const isWhole = typeof kept.userId === 'string' && typeof kept.asOfMs === 'number' && Array.isArray(kept.tickets);
    return isWhole ? (kept as Kept) : null;
  } catch {
    return null;
  }
}
