import { untrack } from 'svelte';
import type { PaymentTrouble } from '#shared/checkout.ts';
import type { Connection, Reply } from './connection.svelte.ts';
import type { SalesOptions } from './sales.svelte.ts';

const MOST = 100;
/** After news of a sale the list is read again at most this often. */
const ASK_AGAIN_MS = 2_000;

/** Money that a person has to look at: refunds that gave up, checkouts that nobody could end, amounts that do not match. */
export class Troubles {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string | null;
  readonly #options: SalesOptions;
  #all: PaymentTrouble[] = $state.raw([]);
  #isKnown = $state(false);
  #stopWaiting: (() => void) | null = null;

  /** Of one event, or of all. */
  constructor(
    connection: Pick<Connection, 'call' | 'on' | 'onConnected'>,
    eventId: string | null,
    options: SalesOptions,
  ) {
    this.#connection = connection;
    this.#eventId = eventId;
    this.#options = options;
  }

  get all(): readonly PaymentTrouble[] {
    return this.#all;
  }

  /** Whether it was answered by now, in whichever way: until then nobody knows how much room it takes. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Asks, and asks again when money may have moved; returns how to stop. */
  start(): () => void {
    untrack(() => void this.load());
    const stopListening = this.#connection.on('salesChanged', ({ changes }) => {
      if (this.#eventId === null || changes.some(({ eventId }) => eventId === this.#eventId)) this.#askSoon();
    });
    const stopAsking = this.#connection.onConnected(() => void this.load());
    return () => {
      stopListening();
      stopAsking();
      this.#stopWaiting?.();
      this.#stopWaiting = null;
    };
  }

  async load(): Promise<void> {
    const reply = await this.#connection.call('listPaymentTroubles', {
      limit: MOST,
      ...(this.#eventId !== null && { eventId: this.#eventId }),
    });
    if (reply.ok) this.#all = reply.data.troubles;
    if (reply.ok || reply.error.code !== 'CONNECTION_LOST') this.#isKnown = true;
  }

  /** Has a refund tried again, or what came by mistake given back. */
  async retry({ paymentId, refundKey }: PaymentTrouble): Promise<Reply<unknown>> {
    const reply = await this.#connection.call('retryPayment', { paymentId, refundKey });
    if (reply.ok) await this.load();
    return reply;
  }

  #askSoon(): void {
    this.#stopWaiting ??= this.#options.later(() => {
      this.#stopWaiting = null;
      void this.load();
    }, ASK_AGAIN_MS);
  }
}
