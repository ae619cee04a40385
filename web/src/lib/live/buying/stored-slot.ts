import type { Money } from '#shared/protocol/primitives.ts';
import type { PendingRequest, PendingRequestSlot } from '../pending-request.ts';
import type { TextStorage } from '../text-storage.ts';
import type { SeatsRequest } from './seats-request.ts';

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
    const stored: Stored = { requestId, eventId: this.#eventId, ...input, startedMs, isStopped };
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
    const input = storedInput(stored);
    const { requestId, startedMs, isStopped } = stored;
    if (typeof requestId !== 'string' || typeof startedMs !== 'number' || typeof isStopped !== 'boolean') return null;
    return stored.eventId === eventId && input !== null ? { requestId, input, startedMs, isStopped } : null;
  } catch {
    return null;
  }
}

function storedInput(stored: Partial<Stored>): SeatsRequest | null {
  const { seats } = stored;
  if (typeof seats !== 'number' || !Number.isInteger(seats)) return null;
  if ('tickets' in stored) {
    const { tickets, voucher = null, total } = stored;
    const isWhole = Array.isArray(tickets) && Number.isInteger(total?.amount) && total !== undefined;
    return isWhole ? { tickets, voucher, seats, total } : null;
  }
  const { price } = stored as { price?: Money };
  return price !== undefined && Number.isInteger(price.amount) ? { seats, price } : null;
}
