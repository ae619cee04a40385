import type { Money } from '#shared/protocol/primitives.ts';
import type { TextStorage } from './text-storage.ts';

/**
 * A request whose outcome is not known yet. Every attempt at it carries its `requestId`, so the server carries it out
 * once (see retryable-action.svelte.ts).
 */
export interface PendingRequest<I> {
  requestId: string;
  input: I;
  /** Milliseconds since 1970 by this device's clock. */
  startedMs: number;
  /** Whether only a press sends the request again; otherwise a reload does, too. */
  isStopped: boolean;
}

/** A slot for at most one pending request. */
export interface PendingRequestSlot<I> {
  read(): PendingRequest<I> | null;
  keep(request: PendingRequest<I>): void;
  clear(): void;
}

/** A slot in memory: a reload loses its request. */
export class MemorySlot<I> implements PendingRequestSlot<I> {
  #request: PendingRequest<I> | null = null;

  read(): PendingRequest<I> | null {
    return this.#request;
  }

  keep(request: PendingRequest<I>): void {
    this.#request = request;
  }

  clear(): void {
    this.#request = null;
  }
}

/** The input of a booking or a waitlist entry: the party size and the price of one seat, as the buyer saw them. */
export interface SeatsRequest {
  seats: number;
  price: Money;
}

interface StoredSlotOptions {
  storage: TextStorage;
  kind: 'book' | 'join';
  userId: string;
  eventId: string;
}

/** A slot in the browser's storage, for one buyer, event and command: a reload keeps its request. */
export class StoredSlot implements PendingRequestSlot<SeatsRequest> {
  readonly #storage: TextStorage;
  readonly #eventId: string;
  readonly #key: string;

  constructor({ storage, kind, userId, eventId }: StoredSlotOptions) {
    this.#storage = storage;
    this.#eventId = eventId;
    // The key and the format must not change: a request may be pending while the site is updated.
    this.#key = `frontrow.intent.${kind}.${userId}.${eventId}`;
  }

  read(): PendingRequest<SeatsRequest> | null {
    const text = this.#storage.getItem(this.#key);
    return text === null ? null : parseStored(text, this.#eventId);
  }

  keep({ requestId, input, startedMs, isStopped }: PendingRequest<SeatsRequest>): void {
    const { seats, price } = input;
    const stored: Stored = { requestId, eventId: this.#eventId, seats, price, startedMs, isStopped };
    this.#storage.setItem(this.#key, JSON.stringify(stored));
  }

  clear(): void {
    this.#storage.removeItem(this.#key);
  }
}

type Stored = Omit<PendingRequest<never>, 'input'> & SeatsRequest & { eventId: string };

/** The stored request; null if the text is not in the format that `keep` writes. */
function parseStored(text: string, eventId: string): PendingRequest<SeatsRequest> | null {
  try {
    const stored = JSON.parse(text) as Partial<Stored>;
    if (!isWhole(stored) || stored.eventId !== eventId) return null;
    const { requestId, seats, price, startedMs, isStopped } = stored;
    return { requestId, input: { seats, price }, startedMs, isStopped };
  } catch {
    return null;
  }
}

function isWhole(stored: Partial<Stored>): stored is Stored {
  return (
    typeof stored.requestId === 'string' &&
    Number.isInteger(stored.seats) &&
    Number.isInteger(stored.price?.amount) &&
    typeof stored.startedMs === 'number' &&
    typeof stored.isStopped === 'boolean'
  );
}
