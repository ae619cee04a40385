import { createContext } from 'svelte';
import type { CommandData } from '#shared/protocol/commands.ts';
import type { SoldType } from '#lib/ticket-types/sold-types.ts';
import type { Connection, Failure } from '../connection/connection.svelte.ts';
import type { TextStorage } from '../text-storage.ts';

/** `signed_out`: the code is kept until the reader signs in, since the server says nothing of it before. */
type VoucherCheckState =
  | { kind: 'none' }
  | { kind: 'signed_out' }
  | { kind: 'checking' }
  | { kind: 'applied'; voucher: CommandData<'checkVoucher'> }
  | { kind: 'refused'; failure: Failure };

interface VoucherCheckOptions {
  connection: Pick<Connection, 'call' | 'onConnected'>;
  /** Keeps the code while the visitor signs in, and over a reload. */
  storage: TextStorage;
  eventId: string;
}

/** The voucher of a reader on the page of one event: its code, and what the server says of it. */
export class VoucherCheck {
  readonly #options: VoucherCheckOptions;
  #code: string | null = $state(null);
  #state: VoucherCheckState = $state.raw({ kind: 'none' });
  /** Counts the codes, so that the answer to an earlier one is dropped. */
  #turn = 0;
  #isAsking = false;

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
   * Begins with the code of the page's address, else with the one kept before. Asks again after each connect, until the
   * returned function is called.
   */
  follow(linked: string | null): () => void {
    const code = codeOf(linked ?? this.#options.storage.getItem(this.#key) ?? '');
    if (code !== '') void this.apply(code);
    return this.#options.connection.onConnected(() => void this.again());
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
    const code = this.#code;
    if (code === null || this.#isAsking) return;
    const turn = this.#turn;
    this.#isAsking = true;
    const reply = await this.#options.connection.call('checkVoucher', { eventId: this.#options.eventId, code });
    if (turn !== this.#turn) return;
    this.#isAsking = false;
    if (reply.ok) this.#state = { kind: 'applied', voucher: reply.data };
    else this.#failed(reply.error);
  }

  #failed(failure: Failure): void {
    if (failure.code === 'UNAUTHENTICATED') this.#state = { kind: 'signed_out' };
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
