import { createContext } from 'svelte';
import type { CommandData } from '#shared/protocol/commands.ts';
import type { SoldType } from '#lib/ticket-types/sold-types.ts';
import type { Connection, Failure } from '../connection/connection.svelte.ts';
import type { Later } from '../connection/later.ts';
import type { TextStorage } from '../text-storage.ts';

/** The least time from one question to an automatic one, in milliseconds: the server counts ten a minute for a user. */
const ASK_AGAIN_MS = 15_000;

/** `signed_out`: the code is kept until the reader signs in, since the server says nothing of it before. */
type VoucherCheckState =
  | { kind: 'none' }
  | { kind: 'signed_out' }
  | { kind: 'checking' }
  | { kind: 'applied'; voucher: CommandData<'checkVoucher'> }
  | { kind: 'refused'; failure: Failure };

/** The part of a document that says whether the page is visible. */
type Visibility = Pick<Document, 'addEventListener' | 'visibilityState'>;

interface VoucherCheckOptions {
  connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  /** Keeps the code while the visitor signs in, and over a reload. */
  storage: TextStorage;
  eventId: string;
  /** Milliseconds since 1970 by this device's clock. */
  now: () => number;
  later: Later;
}

/** The voucher of a reader on the page of one event: its code, and what the server says of it. */
export class VoucherCheck {
  readonly #options: VoucherCheckOptions;
  #code: string | null = $state(null);
  #state: VoucherCheckState = $state.raw({ kind: 'none' });
  /** Counts the codes, so that the answer to an earlier one is dropped. */
  #turn = 0;
  #isAsking = false;
  #askedMs = 0;
  /** Whether seats have moved, or the event was edited, since the last question. */
  #isOutdated = false;
  #cancelDue: (() => void) | null = null;
  /** Null unless the page is followed. */
  #page: Visibility | null = null;

  constructor(options: VoucherCheckOptions) {
    this.#options = options;
  }

  get code(): string | null {
    return this.#code;
  }

  get state(): VoucherCheckState {
    return this.#state;
  }

  /** The ticket types that the applied voucher concerns, at its prices; none without one. */
  get types(): readonly SoldType[] {
    return this.#state.kind === 'applied' ? this.#state.voucher.ticketTypes : [];
  }

  /** The code of the voucher, once it is applied. */
  get appliedCode(): string | null {
    return this.#state.kind === 'applied' ? this.#code : null;
  }

  /** The code that a request for these tickets carries: none if the voucher concerns none of them. */
  codeFor(tickets: readonly { type: string }[]): string | null {
    return tickets.some(({ type }) => this.types.some(({ id }) => id === type)) ? this.appliedCode : null;
  }

  /**
   * Begins with the code of the page's address, else with the one kept before. Asks again after each connect, and, while
   * the page is visible, at most every 15 seconds after changes of the event: no push has the counts of hidden ticket
   * types and of vouchers. Until the returned function is called.
   */
  follow(linked: string | null, page: Visibility): () => void {
    const { connection, eventId, storage } = this.#options;
    this.#page = page;
    const code = codeOf(linked ?? storage.getItem(this.#key) ?? '');
    if (code !== '') void this.apply(code);
    const stop = new AbortController();
    page.addEventListener('visibilitychange', () => this.#refreshInTime(), { signal: stop.signal });
    const changed = () => {
      this.#isOutdated = true;
      this.#refreshInTime();
    };
    const stops = [
      connection.onConnected(() => void this.again()),
      connection.on('availabilityChanged', ({ changes }) => {
        if (this.#hasCounts && changes.some((change) => change.eventId === eventId)) changed();
      }),
      connection.on('eventChanged', (event) => {
        if (event.id === eventId) changed();
      }),
    ];
    return () => {
      stop.abort();
      for (const end of stops) end();
      this.#cancelDue?.();
      this.#page = null;
    };
  }

  /** Takes another code, keeps it and asks the server for it. Never rejects. */
  async apply(text: string): Promise<void> {
    const code = codeOf(text);
    if (code === '') return this.remove();
    this.#turn += 1;
    this.#isAsking = false;
    this.#code = code;
    this.#state = { kind: 'checking' };
    this.#options.storage.setItem(this.#key, code);
    await this.again();
  }

  /** Forgets the code. */
  remove(): void {
    this.#turn += 1;
    this.#code = null;
    this.#state = { kind: 'none' };
    this.#options.storage.removeItem(this.#key);
  }

  /** Asks again for the present code, and keeps what is shown until the answer. Never rejects. */
  async again(): Promise<void> {
    await this.#ask((failure) => this.#failed(failure));
  }

  async #ask(failed: (failure: Failure) => void): Promise<void> {
    const code = this.#code;
    if (code === null || this.#isAsking) return;
    const turn = this.#turn;
    this.#isAsking = true;
    this.#isOutdated = false;
    this.#askedMs = this.#options.now();
    const reply = await this.#options.connection.call('checkVoucher', { eventId: this.#options.eventId, code });
    if (turn !== this.#turn) return;
    this.#isAsking = false;
    if (reply.ok) this.#state = { kind: 'applied', voucher: reply.data };
    else failed(reply.error);
    this.#refreshInTime();
  }

  /** Whether the voucher has a count that no push shows: its uses, or the tickets of a hidden type. */
  get #hasCounts(): boolean {
    if (this.#state.kind !== 'applied') return false;
    const { usesLeft, ticketTypes } = this.#state.voucher;
    return usesLeft !== null || ticketTypes.some(({ access, limit }) => access === 'voucher' && limit !== null);
  }

  /** Asks again if something has changed, as soon as the last question is old enough and the page is visible. */
  #refreshInTime(): void {
    const { later, now } = this.#options;
    if (!this.#isOutdated || this.#state.kind !== 'applied' || this.#page?.visibilityState !== 'visible') return;
    const waitMs = this.#askedMs + ASK_AGAIN_MS - now();
    if (waitMs <= 0) return void this.#ask((failure) => this.#refreshFailed(failure));
    this.#cancelDue ??= later(() => {
      this.#cancelDue = null;
      this.#refreshInTime();
    }, waitMs);
  }

  /** A voucher that others have used up stays, with what was chosen for it: its uses may return. */
  #refreshFailed(failure: Failure): void {
    const isUsedUp = failure.code === 'VOUCHER_INVALID' && failure.details?.reason === 'used_up';
    if (isUsedUp && this.#state.kind === 'applied')
      this.#state = { kind: 'applied', voucher: { ...this.#state.voucher, usesLeft: 0 } };
    else this.#failed(failure);
  }

  #failed(failure: Failure): void {
    const isSignedOut = failure.code === 'UNAUTHENTICATED' || failure.details?.['provisional'] === true;
    if (isSignedOut) this.#state = { kind: 'signed_out' };
    else if (failure.code === 'VOUCHER_INVALID' || failure.code === 'INVALID_INPUT' || this.#state.kind !== 'applied')
      this.#state = { kind: 'refused', failure };
  }

  get #key(): string {
    return `frontrow.voucher.${this.#options.eventId}`;
  }
}

/** Codes are stored and compared in capitals (docs/PROTOCOL.md). */
function codeOf(text: string): string {
  return text.trim().toUpperCase();
}

/** The voucher of the event's page: set by its booking panel, read by the forms in it. */
export const [getVoucherCheck, setVoucherCheck] = createContext<VoucherCheck>();
