import type { EventStats, SalesFigures } from '#shared/organiser.ts';
import type { Connection } from '../connection/connection.svelte.ts';
import { followSales, type FollowOptions } from './follow-sales.ts';

/** The sales figures of one event. Pushed figures show at once, the rest is loaded up to two seconds later. */
export class Sales {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string;
  readonly #options: FollowOptions;
  #stats: EventStats | null = $state.raw(null);
  #hasFailed = $state(false);

  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, eventId: string, options: FollowOptions) {
    this.#connection = connection;
    this.#eventId = eventId;
    this.#options = options;
  }

  /** The figures; null until the first answer. */
  get stats(): EventStats | null {
    return this.#stats;
  }

  /** Whether the last request was refused. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Loads the figures and follows the pushes; returns the function that ends this. */
  start(): () => void {
    return followSales(
      this.#connection,
      this.#options,
      () => void this.load(),
      (changes) => this.#takeFigures(changes),
    );
  }

  /** Loads all figures with `eventStats`. Never rejects. */
  async load(): Promise<void> {
    const reply = await this.#connection.call('eventStats', { eventId: this.#eventId });
    // A lost connection is shown elsewhere on the page, and the next connection loads again.
    this.#hasFailed = !reply.ok && reply.error.code !== 'CONNECTION_LOST';
    if (reply.ok) this.#stats = reply.data;
  }

  /**
   * Shows pushed figures of this event; returns whether there are any. Sales by hour and ended bookings are not pushed.
   */
  #takeFigures(changes: readonly SalesFigures[]): boolean {
    const news = changes.find((change) => change.eventId === this.#eventId);
    if (news === undefined) return false;
    const { eventId: _, ...figures } = news;
    if (this.#stats !== null) this.#stats = { ...this.#stats, ...figures };
    return true;
  }
}
