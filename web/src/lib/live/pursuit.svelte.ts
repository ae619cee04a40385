import type { Money } from '#shared/protocol/primitives.ts';
import type { Failure, Reply } from './connection/connection.svelte.ts';
import { insist, type Patience } from './insist.ts';
import type { Intent, Intents } from './intents.ts';
import { isRetryable, KEEP_TRYING_MS } from './connection/retry-policy.ts';

export type PursuitState =
  | { kind: 'choosing' }
  | { kind: 'sending' }
  | { kind: 'retrying'; because: Failure }
  | { kind: 'refused'; because: Failure; seats: number; price: Money }
  | { kind: 'stopped'; byBuyer: boolean }
  /** An old press of which the server knows nothing. */
  | { kind: 'lapsed'; seats: number }
  | { kind: 'done'; id: string };

export interface PursuitOptions<T extends { id: string }> extends Patience {
  /** Sends an intent once. */
  send: (intent: Intent) => Promise<Reply<T>>;
  /** Takes what came of it. */
  take: (made: T) => void;
  /** Whether this is what came of an intent whose answer was lost. */
  isOutcome: (made: T, intent: Intent) => boolean;
  intents: Intents;
  newRequestId: () => string;
}

/**
 * One person's press at one event, pursued to a clear answer. One press is one `requestId`: a double press, a lost
 * connection or a reload never book twice.
 */
export class Pursuit<T extends { id: string }> {
  readonly #options: PursuitOptions<T>;
  readonly #eventId: string;
  #state: PursuitState = $state.raw({ kind: 'choosing' });
  #attempts: AbortController | null = null;

  constructor(eventId: string, options: PursuitOptions<T>) {
    this.#eventId = eventId;
    this.#options = options;
  }

  get state(): PursuitState {
    return this.#state;
  }

  get isUnderway(): boolean {
    return this.#state.kind === 'sending' || this.#state.kind === 'retrying';
  }

  /** Asks for this many seats at the price the buyer sees. A second press while the first is under way does nothing. */
  async start(seats: number, price: Money): Promise<void> {
    if (this.isUnderway) return;
    await this.#pursue({ requestId: this.#options.newRequestId(), seats, price });
  }

  /** Goes on with what a reload interrupted, if that is recent; what is older waits for `settleOld`. */
  async resume(): Promise<void> {
    const intent = this.#kept;
    if (intent === null || this.isUnderway) return;
    if (intent.isStopped) this.#state = { kind: 'stopped', byBuyer: true };
    else if (!this.#isOld(intent)) await this.#pursue(intent);
  }

  /** Says what became of an old press, told by all that the server has of this person here. */
  settleOld(made: T[]): void {
    const intent = this.#kept;
    if (intent === null || this.isUnderway || !(intent.isStopped || this.#isOld(intent))) return;
    const outcome = made.find((one) => this.#options.isOutcome(one, intent));
    if (outcome !== undefined) return this.#settle(outcome);
    if (!this.#isOld(intent)) return;
    this.#forget();
    this.#state = { kind: 'lapsed', seats: intent.seats };
  }

  /** Tries again what was stopped, as the same intent: should it have gone through, that is the answer. */
  async tryAgain(): Promise<void> {
    if (this.isUnderway) return;
    const intent = this.#kept;
    if (intent === null) this.reset();
    else await this.#pursue({ ...intent, startedMs: this.#options.now() });
  }

  /** Stops trying; the server may still have done it, and its push says so. */
  stop(): void {
    if (!this.isUnderway) return;
    this.#attempts?.abort();
    const intent = this.#kept;
    if (intent !== null) this.#options.intents.keep({ ...intent, isStopped: true });
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

  /** Takes note of what arrived by push: it may be the answer that never came. */
  noticed(made: T): void {
    const intent = this.#kept;
    if (intent === null || !this.#options.isOutcome(made, intent)) return;
    this.#attempts?.abort();
    this.#settle(made);
  }

  get #kept(): Intent | null {
    return this.#options.intents.find(this.#eventId);
  }

  async #pursue(wanted: Pick<Intent, 'requestId' | 'seats' | 'price'> & { startedMs?: number }): Promise<void> {
    const intent = { startedMs: this.#options.now(), ...wanted, eventId: this.#eventId, isStopped: false };
    this.#options.intents.keep(intent);
    const attempts = new AbortController();
    this.#attempts = attempts;
    this.#state = { kind: 'sending' };
    const reply = await insist(() => this.#options.send(intent), {
      ...this.#options,
      sinceMs: intent.startedMs,
      signal: attempts.signal,
      onPause: (because) => (this.#state = { kind: 'retrying', because }),
    });
    if (reply === null) return;
    if (reply.ok) this.#settle(reply.data);
    else this.#giveUp(intent, reply.error);
  }

  #giveUp({ seats, price }: Intent, because: Failure): void {
    if (isRetryable(because)) {
      this.#state = { kind: 'stopped', byBuyer: false };
      return;
    }
    this.#forget();
    this.#state = { kind: 'refused', because, seats, price };
  }

  #settle(made: T): void {
    this.#options.take(made);
    this.#forget();
    this.#state = { kind: 'done', id: made.id };
  }

  #forget(): void {
    this.#options.intents.forget(this.#eventId);
  }

  #isOld(intent: Intent): boolean {
    const ageMs = this.#options.now() - intent.startedMs;
    return ageMs < 0 || ageMs >= KEEP_TRYING_MS;
  }
}
