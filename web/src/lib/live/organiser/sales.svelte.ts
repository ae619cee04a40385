import type { EventStats, SalesFigures } from '#shared/organiser.ts';
import type { Connection } from '../connection/connection.svelte.ts';
import { followSales, type FollowOptions } from './follow-sales.ts';

/** What one event sells, for as long as a page shows it: figures as they are pushed, the rest a moment later. */
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

  get stats(): EventStats | null {
    return this.#stats;
  }

  /** The last question for it was refused. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Asks, and follows what is pushed; returns how to stop. */
  start(): () => void {
    return followSales(
      this.#connection,
      this.#options,
      () => void this.load(),
      (changes) => this.#heard(changes),
    );
  }

  async load(): Promise<void> {
    const reply = await this.#connection.call('eventStats', { eventId: this.#eventId });
    // Without a connection the whole page says so, and asks again with the next one.
    this.#hasFailed = !reply.ok && reply.error.code !== 'CONNECTION_LOST';
    if (reply.ok) this.#stats = reply.data;
  }

  /** Whether it is about this event, whose figures they tell at once; hours, and what has ended, they do not. */
  #heard(changes: readonly SalesFigures[]): boolean {
    const news = changes.find((change) => change.eventId === this.#eventId);
    if (news === undefined) return false;
    const { eventId: _, ...figures } = news;
    if (this.#stats !== null) this.#stats = { ...this.#stats, ...figures };
    return true;
  }
}
