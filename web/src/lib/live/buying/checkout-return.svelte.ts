import type { CheckoutOutcome } from '#shared/checkout.ts';
import type { Connection } from '../connection/connection.svelte.ts';

/** A browser that is not the buyer's hears no push about the booking: it asks now and then, besides what seats tell. */
const ASK_EVERY_MS = 8_000;

export interface CheckoutReturnOptions {
  connection: Pick<Connection, 'on' | 'onConnected'>;
  /** Asks what the signed address stands for; null where that cannot be said now. */
  ask: () => Promise<CheckoutOutcome | null>;
  /** Calls back again and again until the returned function is called. */
  every: (ms: number, callback: () => void) => () => void;
}

/**
 * What became of one attempt to pay, on the page that the provider leads back to. It is asked again whenever a push
 * tells that something changed: of the booking for its buyer, of the event's seats for anybody.
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

  /** Whether something is still to come. */
  get isUnsettled(): boolean {
    return UNSETTLED.has(this.#outcome.outcome);
  }

  /** Follows what happens until the returned function is called. */
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

  /** One question at a time; what happens while it is on its way is worth another one. */
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
