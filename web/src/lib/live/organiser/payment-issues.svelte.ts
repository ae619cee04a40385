import { untrack } from 'svelte';
import type { PaymentIssue } from '#shared/checkout.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { followSales, type FollowOptions } from './follow-sales.ts';

const LIST_LIMIT = 100;

/** The payment issues of one event or of all: failed refunds, refunds by hand, disputes, open checkouts, wrong amounts. */
export class PaymentIssues {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string | null;
  readonly #options: FollowOptions;
  #all: PaymentIssue[] = $state.raw([]);
  #isKnown = $state(false);

  /** `eventId` null: of all events. */
  constructor(
    connection: Pick<Connection, 'call' | 'on' | 'onConnected'>,
    eventId: string | null,
    options: FollowOptions,
  ) {
    this.#connection = connection;
    this.#eventId = eventId;
    this.#options = options;
  }

  get all(): readonly PaymentIssue[] {
    return this.#all;
  }

  /** Whether the server has answered or refused; until then the height of the list is unknown. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Loads the list, and again after sales; returns the function that ends this. */
  start(): () => void {
    return followSales(
      this.#connection,
      this.#options,
      () => untrack(() => void this.load()),
      (changes) => this.#eventId === null || changes.some(({ eventId }) => eventId === this.#eventId),
    );
  }

  /** Loads up to 100 issues. Never rejects. */
  async load(): Promise<void> {
    const reply = await this.#connection.call('listPaymentTroubles', {
      limit: LIST_LIMIT,
      ...(this.#eventId !== null && { eventId: this.#eventId }),
    });
    if (reply.ok) this.#all = reply.data.troubles;
    if (reply.ok || reply.error.code !== 'CONNECTION_LOST') this.#isKnown = true;
  }

  /**
   * Retries a refund or a closing, refunds a wrong amount, or keeps a booking whose money went back; loads the list
   * again on success. Never rejects.
   */
  async resolve({ kind, paymentId, refundKey }: PaymentIssue): Promise<Reply<unknown>> {
    const isReversed = kind === 'reversal' || kind === 'dispute';
    const reply = await (isReversed
      ? this.#connection.call('keepBooking', { paymentId, refundKey: refundKey ?? '' })
      : this.#connection.call('retryPayment', { paymentId, refundKey }));
    if (reply.ok) await this.load();
    return reply;
  }
}
