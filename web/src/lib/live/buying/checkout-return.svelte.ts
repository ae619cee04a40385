import type { CheckoutOutcome } from '#shared/checkout.ts';
import type { Connection } from '../connection/connection.svelte.ts';

/**
 * The time between two questions, in milliseconds: a browser without the buyer's session gets no push about the
 * booking.
 */
const ASK_EVERY_MS = 8_000;

interface CheckoutReturnOptions {
  connection: Pick<Connection, 'on' | 'onConnected'>;
  /** Loads the outcome by the signed address; null if the server cannot answer now. Must not reject. */
  ask: () => Promise<CheckoutOutcome | null>;
  /** Calls back every `ms` until the returned function is called. */
  every: (ms: number, callback: () => void) => () => void;
}

/**
 * The outcome of one payment attempt, for the page to which the provider sends the buyer back. The outcome is loaded
 * again after each push that may change it: `bookingChanged` for its buyer, `availabilityChanged` for every browser.
 */
export class CheckoutReturn {
  readonly #options: CheckoutReturnOptions;
  #outcome: CheckoutOutcome = $state.raw() as CheckoutOutcome;
  #isAsking = false;
  #isDue = false;

  constructor(first: CheckoutOutcome, options: CheckoutReturnOptions) {
    this.#outcome = first;
    this.#options = options;
  }

  get outcome(): CheckoutOutcome {
    return this.#outcome;
  }

  /** Whether the outcome may still change. */
  get isUnsettled(): boolean {
    return UNSETTLED.has(this.#outcome.outcome);
  }

  /** Keeps the outcome up to date until the returned function is called. */
  follow(): () => void {
    const { connection, every } = this.#options;
    const { bookingId, eventId } = this.#outcome;
    const stops = [
      connection.on('bookingChanged', ({ id }) => this.#askIf(id === bookingId)),
      connection.on('availabilityChanged', ({ changes }) =>
        this.#askIf(changes.some((one) => one.eventId === eventId)),
      ),
      connection.onConnected(() => this.#askIf(true)),
      every(ASK_EVERY_MS, () => this.#askIf(this.isUnsettled)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #askIf(isDue: boolean): void {
    if (isDue) void this.#ask();
  }

  /** One question at a time; a push during a question causes another one after it. */
  async #ask(): Promise<void> {
    this.#isDue = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#isDue) {
      this.#isDue = false;
      this.#outcome = (await this.#options.ask()) ?? this.#outcome;
    }
    this.#isAsking = false;
  }
}

const UNSETTLED = new Set<CheckoutOutcome['outcome']>([
  'open',
  'checking',
  'declined',
  'late_refunding',
  'unused_refunding',
  'refunding',
]);
