import type { User } from '#shared/account.ts';
import type { CodeStep, FormOutcome } from '#lib/form-outcome.ts';
import { codeDigits } from '#lib/format/code-digits.ts';
import type { Failure, Reply } from '../connection/connection.svelte.ts';
import type { Account } from './account.svelte.ts';

/** The server sends an address no other code within this time. */
const RESEND_AFTER_MS = 60_000;
/** Codes that the server sends to an address in an hour. */
const CODES_PER_HOUR = 5;

interface CodeEntryOptions {
  account: Pick<Account, 'enterCode'>;
  /** Asks for a mail with a code. */
  request: (email: string) => Promise<Reply<unknown>>;
  /** The time now, in milliseconds. */
  nowMs: () => number;
  /** Where a form has come that the browser sent by itself. */
  sent?: FormOutcome | null;
}

/** A sign-in by a mailed code: the address, the code, and for a new account a name. */
export class CodeEntry {
  readonly #options: CodeEntryOptions;
  #step: CodeStep = $state('address');
  #code = $state('');
  #requestedAtMs: number | null = $state(null);
  #requests = $state(0);
  email = $state('');
  name = $state('');

  constructor(options: CodeEntryOptions) {
    this.#options = options;
    const { values, step = 'address' } = options.sent ?? { values: {} as Record<string, string> };
    this.#step = step;
    this.email = values['email'] ?? '';
    this.name = values['name'] ?? '';
    this.code = values['code'] ?? '';
  }

  get step(): CodeStep {
    return this.#step;
  }

  get code(): string {
    return this.#code;
  }

  /** Takes what was typed or pasted; a mail program may copy spaces, a hyphen or words with the digits. */
  set code(typed: string) {
    this.#code = codeDigits(typed);
  }

  /** Whether the code has all of its digits. */
  get isWhole(): boolean {
    return this.#code.length === 6;
  }

  /** Whether the server sends no more codes to this address for now. */
  get isExhausted(): boolean {
    return this.#requests >= CODES_PER_HOUR;
  }

  /** How long no other code can be asked for at this time; 0 if one can. */
  waitMs(nowMs: number): number {
    return this.#requestedAtMs === null ? 0 : Math.max(0, this.#requestedAtMs + RESEND_AFTER_MS - nowMs);
  }

  /** Asks for a code, the first or another one; on success the code is asked for. */
  async send(): Promise<Reply<unknown>> {
    const reply = await this.#options.request(this.email);
    if (!reply.ok) return reply;
    this.#requests += 1;
    this.#requestedAtMs = this.#options.nowMs();
    this.#code = '';
    this.#step = 'code';
    return reply;
  }

  /** Signs in. */
  enter(): Promise<Reply<User>> {
    const { email, name } = this;
    const input = { email, code: this.#code };
    return this.#options.account.enterCode(this.#step === 'name' ? { ...input, name } : input);
  }

  /** Whether the server needs a name as well: then it is asked for. */
  needsName({ code, issues }: Failure): boolean {
    if (this.#step === 'name' || code !== 'INVALID_INPUT' || !issues?.some(({ path }) => path[0] === 'name'))
      return false;
    this.#step = 'name';
    return true;
  }

  /** Begins again with another address. */
  restart(): void {
    this.#step = 'address';
    this.#code = '';
    this.#requestedAtMs = null;
    this.#requests = 0;
  }
}
