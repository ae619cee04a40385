import type { EventStats, SalesFigures } from '#shared/organise.ts';
import type { Connection } from './connection.svelte.ts';

/** Hours, and what has ended, are asked for again this long after the first news of them. */
const ASK_AGAIN_MS = 2_000;

export interface SalesOptions {
  /** Calls back after that time, unless what it returns is called first. */
  later: (callback: () => void, ms: number) => () => void;
}

/** What one event sells, for as long as a page shows it: figures as they are pushed, the rest a moment later. */
export class Sales {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string;
  readonly #options: SalesOptions;
  #stats: EventStats | null = $state.raw(null);
  #hasFailed = $state(false);
  #stopWaiting: (() => void) | null = null;

  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, eventId: string, options: SalesOptions) {
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
    void this.load();
    const stopListening = this.#connection.on('salesChanged', ({ changes }) => this.#changed(changes));
    const stopAsking = this.#connection.onConnected(() => void this.load());
    return () => {
      stopListening();
      stopAsking();
      this.#stopWaiting?.();
      this.#stopWaiting = null;
    };
  }

  async load(): Promise<void> {
    const reply = await this.#connection.call('eventStats', { eventId: this.#eventId });
    // Without a connection the whole page says so, and asks again with the next one.
    this.#hasFailed = !reply.ok && reply.error.code !== 'CONNECTION_LOST';
    if (reply.ok) this.#stats = reply.data;
  }

  #changed(changes: readonly SalesFigures[]): void {
    const news = changes.find((change) => change.eventId === this.#eventId);
    if (news === undefined) return;
    const { eventId: _, ...figures } = news;
    if (this.#stats !== null) this.#stats = { ...this.#stats, ...figures };
    this.#stopWaiting ??= this.#options.later(() => {
      this.#stopWaiting = null;
      void this.load();
    }, ASK_AGAIN_MS);
  }
}
