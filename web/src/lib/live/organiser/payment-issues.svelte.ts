import { untrack } from 'svelte';
import type { PaymentIssue } from '#shared/checkout.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { followSales, type FollowOptions } from './follow-sales.ts';

const MOST = 100;

/** Money that a person has to look at: refunds that gave up, checkouts that nobody could end, amounts that do not match. */
export class PaymentIssues {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string | null;
  readonly #options: FollowOptions;
  #all: PaymentIssue[] = $state.raw([]);
  #isKnown = $state(false);

  /** Of one event, or of all. */
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

  /** Whether it was answered by now, in whichever way: until then nobody knows how much room it takes. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Asks, and asks again when money may have moved; returns how to stop. */
  start(): () => void {
    return followSales(
      this.#connection,
      this.#options,
      () => untrack(() => void this.load()),
      (changes) => this.#eventId === null || changes.some(({ eventId }) => eventId === this.#eventId),
    );
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
  async retry({ paymentId, refundKey }: PaymentIssue): Promise<Reply<unknown>> {
    const reply = await this.#connection.call('retryPayment', { paymentId, refundKey });
    if (reply.ok) await this.load();
    return reply;
  }
}
