import type { Booking } from '#shared/booking.ts';
import type { TextStorage } from '../text-storage.ts';
import { newerVersion } from '../versions.ts';

const KEY = 'frontrow.tickets';
/** The ones opened last stay. */
const MOST_TICKETS = 50;

interface Kept {
  userId: string;
  /** When the session ends by itself; null where the server has not said. */
  sessionEndsAt: string | null;
  /** When the server last told of them, by this machine's clock. */
  asOfMs: number;
  tickets: Booking[];
}

/**
 * The tickets that somebody opened here, kept in this browser so that they can be read without a network. They belong to
 * one account, and go when it signs out.
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

  /** The local time as of which they are right. */
  get asOfMs(): number | null {
    return this.#kept?.asOfMs ?? null;
  }

  byId(bookingId: string): Booking | undefined {
    return this.all.find((ticket) => ticket.id === bookingId);
  }

  /** Keeps a ticket that its owner opened. */
  keep(userId: string, ticket: Booking): void {
    const kept = this.#kept?.userId === userId ? this.#kept : null;
    const others = (kept?.tickets ?? []).filter((one) => one.id !== ticket.id);
    const known = kept?.tickets.find((one) => one.id === ticket.id);
    this.#write({
      userId,
      sessionEndsAt: kept?.sessionEndsAt ?? null,
      asOfMs: this.#now(),
      tickets: [newerVersion(known, ticket), ...others].slice(0, MOST_TICKETS),
    });
  }

  /** Takes note of a booking's newer state, where it is one of those kept. */
  update(booking: Booking): void {
    if (this.#kept === null || this.byId(booking.id) === undefined) return;
    const tickets = this.#kept.tickets.map((one) => (one.id === booking.id ? newerVersion(one, booking) : one));
    this.#write({ ...this.#kept, asOfMs: this.#now(), tickets });
  }

  /** Says whose browser this is now: somebody else's tickets go. */
  claim(userId: string, sessionEndsAt: string | null): void {
    if (this.#kept === null) return;
    if (this.#kept.userId !== userId) this.clear();
    else if (sessionEndsAt !== null) this.#write({ ...this.#kept, sessionEndsAt });
  }

  /**
   * Says that the server knows no session here. One that ran out by itself leaves the tickets to their owner; one that
   * was ended before its time does not.
   */
  sessionGone(): void {
    const endsAt = this.#kept?.sessionEndsAt ?? null;
    if (endsAt === null || this.#now() < Date.parse(endsAt)) this.clear();
  }

  clear(): void {
    this.#kept = null;
    this.#storage.removeItem(KEY);
  }

  #write(kept: Kept): void {
    this.#kept = kept;
    this.#storage.setItem(KEY, JSON.stringify(kept));
  }
}

/** What was stored, or null where it is not what this page writes. */
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
