import type { AnyLinkedTicket } from '#shared/tickets/linked-ticket.ts';
import type { Connection } from '../connection/connection.svelte.ts';
import { newerVersion } from '../versions.ts';
import type { KeptLinks } from './kept-links.ts';

/** The time between two questions, in milliseconds: a browser without the buyer's session gets no push of a booking. */
const ASK_EVERY_MS = 60_000;

/** What a link opens: a ticket, nothing (any more), or unknown, because the server cannot be asked now. */
export type LinkAnswer = AnyLinkedTicket | 'nothing' | 'unknown';

interface LinkedTicketOptions {
  key: string;
  connection: Pick<Connection, 'on' | 'onConnected'>;
  kept: Pick<KeptLinks, 'byKey' | 'keep' | 'forget'>;
  /** Asks the server. Must not reject. */
  ask: () => Promise<LinkAnswer>;
  /** Calls back every `ms` until the returned function is called. */
  every: (ms: number, callback: () => void) => () => void;
}

/**
 * The ticket of a link, kept up to date: it is asked for again when the event changes, when the connection is back, and
 * each minute. Without a network it is the one that this browser has kept.
 */
export class LinkedTicketState {
  readonly #options: LinkedTicketOptions;
  #ticket: AnyLinkedTicket | null = $state.raw(null);
  #isKept = $state(false);
  #isGone = $state(false);
  #isAsking = false;

  /** `first`: what the page was rendered with; null if it was rendered without a network. */
  constructor(first: AnyLinkedTicket | null, options: LinkedTicketOptions) {
    this.#options = options;
    this.#ticket = first;
  }

  get ticket(): AnyLinkedTicket | null {
    return this.#ticket;
  }

  /** Whether the ticket is only what this browser has kept. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Whether the link, which opened a ticket before, opens nothing any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Keeps the ticket, and keeps it up to date until the returned function is called. */
  follow(): () => void {
    const { key, connection, kept, every } = this.#options;
    if (this.#ticket !== null) kept.keep(key, this.#ticket);
    else this.#show(kept.byKey(key), true);
    const stops = [
      connection.on('eventChanged', ({ id }) => this.#askIf(id === this.#ticket?.eventId)),
      connection.onConnected(() => this.#askIf(true)),
      every(ASK_EVERY_MS, () => this.#askIf(true)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #askIf(isDue: boolean): void {
    if (isDue && !this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const answer = await this.#options.ask();
    this.#isAsking = false;
    if (answer === 'unknown') return;
    if (answer === 'nothing') {
      this.#options.kept.forget(this.#options.key);
      this.#isGone = true;
      return;
    }
    this.#options.kept.keep(this.#options.key, answer);
    this.#show(this.#ticket === null ? answer : newerVersion(this.#ticket, answer), false);
  }

  #show(ticket: AnyLinkedTicket | null, isKept: boolean): void {
    this.#ticket = ticket;
    this.#isKept = isKept && ticket !== null;
  }
}
