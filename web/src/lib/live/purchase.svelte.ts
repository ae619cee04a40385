import type { Booking } from '#shared/booking.ts';
import type { Money } from '#shared/primitives.ts';
import type { BookingStore } from './bookings.svelte.ts';
import type { Connection, Failure } from './connection.svelte.ts';
import type { Intent, Intents } from './intents.ts';
import { isRetryable, KEEP_TRYING_MS, retryDelayMs } from './retry-policy.ts';

export type PurchaseState =
  | { kind: 'choosing' }
  | { kind: 'sending' }
  | { kind: 'retrying'; because: Failure }
  | { kind: 'refused'; because: Failure; seats: number }
  | { kind: 'stopped'; byBuyer: boolean }
  | { kind: 'done'; bookingId: string };

export interface PurchaseOptions {
  connection: Pick<Connection, 'call'>;
  bookings: Pick<BookingStore, 'take'>;
  intents: Intents;
  now: () => number;
  random: () => number;
  newRequestId: () => string;
  /** Resolves after a while, or as soon as the signal aborts. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * One person's buying at one event, from the press to a clear answer. One press is one `requestId`: a double press, a
 * lost connection or a reload never book twice.
 */
export class Purchase {
  readonly #options: PurchaseOptions;
  readonly #userId: string;
  readonly #eventId: string;
  #state: PurchaseState = $state.raw({ kind: 'choosing' });
  #attempts: AbortController | null = null;

  constructor(userId: string, eventId: string, options: PurchaseOptions) {
    this.#userId = userId;
    this.#eventId = eventId;
    this.#options = options;
  }

  get state(): PurchaseState {
    return this.#state;
  }

  get isUnderway(): boolean {
    return this.#state.kind === 'sending' || this.#state.kind === 'retrying';
  }

  /** Books this many seats at the price the buyer sees. A second press while the first is under way does nothing. */
  async book(seats: number, price: Money): Promise<void> {
    if (this.isUnderway) return;
    const { newRequestId, now, intents } = this.#options;
    const intent = { requestId: newRequestId(), eventId: this.#eventId, seats, price, startedMs: now() };
    intents.keep(this.#userId, intent);
    await this.#pursue(intent);
  }

  /** Goes on with what a reload interrupted, if that is recent; an older press is settled by the list of bookings. */
  async resume(): Promise<void> {
    const intent = this.#options.intents.find(this.#userId, this.#eventId);
    if (intent === null || this.isUnderway) return;
    const ageMs = this.#options.now() - intent.startedMs;
    if (ageMs >= 0 && ageMs < KEEP_TRYING_MS) await this.#pursue(intent);
    else this.#forget();
  }

  /** Tries again what was stopped, as the same intent: should it have gone through, that is the answer. */
  async tryAgain(): Promise<void> {
    const intent = this.#options.intents.find(this.#userId, this.#eventId);
    if (this.isUnderway) return;
    if (intent === null) return this.reset();
    const renewed = { ...intent, startedMs: this.#options.now() };
    this.#options.intents.keep(this.#userId, renewed);
    await this.#pursue(renewed);
  }

  /** Stops trying; the server may still have booked, and its push says so. */
  stop(): void {
    if (!this.isUnderway) return;
    this.#attempts?.abort();
    this.#state = { kind: 'stopped', byBuyer: true };
  }

  /** Leaves the page: nothing more is sent from here, and the intent stays for the next visit. */
  leave(): void {
    this.#attempts?.abort();
  }

  /** Back to choosing, after an outcome was read. */
  reset(): void {
    if (!this.isUnderway) this.#state = { kind: 'choosing' };
  }

  /** Takes note of a booking that arrived by push: it may be the answer that never came. */
  noticed(booking: Booking): void {
    const intent = this.#options.intents.find(this.#userId, this.#eventId);
    if (intent === null || booking.requestId !== intent.requestId) return;
    this.#attempts?.abort();
    this.#settle(booking);
  }

  async #pursue(intent: Intent): Promise<void> {
    const attempts = new AbortController();
    this.#attempts = attempts;
    this.#state = { kind: 'sending' };
    const { requestId, eventId, seats, price } = intent;
    for (let attempt = 1; !attempts.signal.aborted; attempt += 1) {
      const reply = await this.#options.connection.call('book', { requestId, eventId, seats, price });
      if (attempts.signal.aborted) return;
      if (reply.ok) return this.#settle(reply.data);
      if (!(await this.#goesOn(intent, reply.error, attempt, attempts.signal))) return;
    }
  }

  /** After a failure: waits for the next attempt, or says that there is none. */
  async #goesOn(intent: Intent, failure: Failure, attempt: number, signal: AbortSignal): Promise<boolean> {
    const { now, random, pause } = this.#options;
    const delayMs = retryDelayMs(failure, attempt, now() - intent.startedMs, random);
    if (delayMs === null) {
      this.#giveUp(intent, failure);
      return false;
    }
    this.#state = { kind: 'retrying', because: failure };
    await pause(delayMs, signal);
    return true;
  }

  #giveUp(intent: Intent, failure: Failure): void {
    if (isRetryable(failure)) {
      this.#state = { kind: 'stopped', byBuyer: false };
      return;
    }
    this.#forget();
    this.#state = { kind: 'refused', because: failure, seats: intent.seats };
  }

  #settle(booking: Booking): void {
    this.#options.bookings.take(booking);
    this.#forget();
    this.#state = { kind: 'done', bookingId: booking.id };
  }

  #forget(): void {
    this.#options.intents.forget(this.#userId, this.#eventId);
  }
}
