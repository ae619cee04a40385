import type { Money } from '#shared/primitives.ts';

/** What a buyer meant by one press: kept until its outcome is known, over reloads, under its `requestId`. */
export interface Intent {
  requestId: string;
  eventId: string;
  seats: number;
  price: Money;
  /** This machine's clock. */
  startedMs: number;
}

export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The intents of one person whose outcome is not known, in the browser's storage; at most one per event. */
export class Intents {
  readonly #storage: TextStorage;

  constructor(storage: TextStorage) {
    this.#storage = storage;
  }

  find(userId: string, eventId: string): Intent | null {
    const text = this.#storage.getItem(key(userId, eventId));
    return text === null ? null : parseIntent(text, eventId);
  }

  keep(userId: string, intent: Intent): void {
    this.#storage.setItem(key(userId, intent.eventId), JSON.stringify(intent));
  }

  forget(userId: string, eventId: string): void {
    this.#storage.removeItem(key(userId, eventId));
  }
}

function key(userId: string, eventId: string): string {
  return `frontrow.intent.${userId}.${eventId}`;
}

/** What was stored, or null where it is not (or no longer) what this page writes. */
function parseIntent(text: string, eventId: string): Intent | null {
  try {
    const intent = JSON.parse(text) as Partial<Intent>;
    const isWhole =
      intent.eventId === eventId &&
      typeof intent.requestId === 'string' &&
      Number.isInteger(intent.seats) &&
      Number.isInteger(intent.price?.amount) &&
      typeof intent.startedMs === 'number';
    return isWhole ? (intent as Intent) : null;
  } catch {
    return null;
  }
}
