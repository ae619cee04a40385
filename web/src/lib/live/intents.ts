import type { Money } from '#shared/protocol/primitives.ts';

/** What a press asks for: to book, or to wait. */
export type IntentKind = 'book' | 'join';

/** What someone meant by one press: kept until its outcome is known, over reloads, under its `requestId`. */
export interface Intent {
  requestId: string;
  eventId: string;
  seats: number;
  /** A seat's, as the buyer saw it. */
  price: Money;
  /** This machine's clock. */
  startedMs: number;
  /** Whether the buyer told the page to stop; then it is not taken up again by itself. */
  isStopped: boolean;
}

export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The intents of one kind and person whose outcome is not known, in the browser's storage; at most one per event. */
export class Intents {
  readonly #storage: TextStorage;
  readonly #kind: IntentKind;
  readonly #userId: string;

  constructor(storage: TextStorage, kind: IntentKind, userId: string) {
    this.#storage = storage;
    this.#kind = kind;
    this.#userId = userId;
  }

  find(eventId: string): Intent | null {
    const text = this.#storage.getItem(this.#key(eventId));
    return text === null ? null : parseIntent(text, eventId);
  }

  keep(intent: Intent): void {
    this.#storage.setItem(this.#key(intent.eventId), JSON.stringify(intent));
  }

  forget(eventId: string): void {
    this.#storage.removeItem(this.#key(eventId));
  }

  #key(eventId: string): string {
    return `frontrow.intent.${this.#kind}.${this.#userId}.${eventId}`;
  }
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
      typeof intent.startedMs === 'number' &&
      typeof intent.isStopped === 'boolean';
    return isWhole ? (intent as Intent) : null;
  } catch {
    return null;
  }
}
