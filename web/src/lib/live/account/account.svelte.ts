import type { CurrentSession, Locale, LoginInput, RegisterInput, User } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** Why a session ended for good, as far as the reader has to be told. */
export type EndedSession = Exclude<SessionEndReason, 'role_changed' | 'server_closing'>;

/** A network that looks alive but does not answer is none. */
const ANSWER_TIMEOUT_MS = 8_000;

/** Who is signed in. `undefined` until the server has answered that. */
export class Account {
  readonly #fetch: typeof globalThis.fetch;
  readonly #locale: () => Locale;
  #user: User | null | undefined = $state.raw(undefined);
  #isRecognised = false;
  #isUnreachable = $state(false);
  #endedBecause: EndedSession | null = $state(null);
  #sessionEndsAt: string | null = null;
  /** While this tab itself signs out, the server's word on it is no news. */
  #isLeaving = false;

  constructor(fetch: typeof globalThis.fetch, locale: () => Locale) {
    this.#fetch = fetch;
    this.#locale = locale;
  }

  get user(): User | null | undefined {
    return this.#user;
  }

  get isAdmin(): boolean {
    return this.#user?.role === 'admin';
  }

  /** Whether this person was signed in when the page came, and did not sign in on it. */
  get isRecognised(): boolean {
    return this.#isRecognised;
  }

  /** Whether the server could not be asked who is signed in; then what this browser keeps may be shown. */
  get isUnreachable(): boolean {
    return this.#user === undefined && this.#isUnreachable;
  }

  /** Why the last session ended, where that was not the reader's own doing in this tab. */
  get endedBecause(): EndedSession | null {
    return this.#endedBecause;
  }

  /** When the session ends by itself, as far as the server said so. */
  get sessionEndsAt(): string | null {
    return this.#sessionEndsAt;
  }

  /** Asks who is signed in, at an address that refuses nobody. If the server cannot be reached, what was known stays. */
  async load(): Promise<void> {
    const answer = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const reply = await callApi<CurrentSession>(this.#fetch, 'GET', '/api/auth/session', undefined, answer);
    this.#isUnreachable = !reply.ok;
    if (!reply.ok) return;
    const { user, expiresAt } = reply.data;
    this.#isRecognised = user !== null && this.#user !== null;
    this.#user = user;
    this.#sessionEndsAt = expiresAt;
  }

  /** Whether this tab itself is signing out just now. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  async login(input: LoginInput): Promise<Reply<User>> {
    return this.#enter('/api/auth/login', input);
  }

  async register(input: Omit<RegisterInput, 'locale'>): Promise<Reply<User>> {
    return this.#enter('/api/auth/register', { ...input, locale: this.#locale() });
  }

  /** Ends this session, or all of this account's. */
  async logout(everywhere = false): Promise<void> {
    this.#isLeaving = true;
    const reply = await this.#callApi('POST', '/api/auth/logout', everywhere ? { everywhere } : {});
    this.#isLeaving = false;
    if (reply.ok || reply.error.code === 'UNAUTHENTICATED') this.#user = null;
  }

  /** Changes name or language. */
  async changeProfile(changes: { name?: string; locale?: Locale }): Promise<Reply<User>> {
    const reply = await this.#callApi<{ user: User }>('PATCH', '/api/auth/me', changes);
    if (!reply.ok) return reply;
    this.#user = reply.data.user;
    return { ok: true, data: reply.data.user };
  }

  /** Changes the password; every other session of this account ends. */
  changePassword(current: string, next: string): Promise<Reply<unknown>> {
    return this.#callApi('POST', '/api/auth/password', { current, next });
  }

  /** Deletes the account for good. */
  async remove(password: string): Promise<Reply<unknown>> {
    this.#isLeaving = true;
    const reply = await this.#callApi('DELETE', '/api/auth/me', { password });
    this.#isLeaving = false;
    if (reply.ok) this.#user = null;
    return reply;
  }

  /** Takes note that the server ended the session. */
  ended(reason: EndedSession | null): void {
    if (this.#user && !this.#isLeaving) this.#endedBecause = reason;
    this.#user = null;
  }

  /** What the server says of this account on connecting. */
  confirmed(user: User): void {
    this.#user = user;
  }

  async #enter(path: string, input: unknown): Promise<Reply<User>> {
    const reply = await this.#callApi<{ user: User }>('POST', path, input);
    if (!reply.ok) return reply;
    this.#endedBecause = null;
    this.#sessionEndsAt = null;
    this.#isRecognised = false;
    this.#user = reply.data.user;
    return { ok: true, data: reply.data.user };
  }

  #callApi<T>(method: string, path: string, input?: unknown): Promise<Reply<T>> {
    return callApi<T>(this.#fetch, method, path, input);
  }
}
