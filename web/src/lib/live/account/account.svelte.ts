import type {
  CloseAccountInput,
  CurrentSession,
  Locale,
  LoginInput,
  RegisterInput,
  User,
  VerifyCodeInput,
} from '#shared/account.ts';
import type { TakenOver } from '#shared/accounts/taken-over.ts';
import type { ProvedCredential } from '#shared/accounts/passkey.ts';
import type { SessionEndReason } from '#shared/protocol/pushes.ts';
import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** Why a session ended for good; these reasons are shown to the user. */
export type EndedSession = Exclude<SessionEndReason, 'role_changed' | 'server_closing'>;

/** Nobody has held seats before signing in. */
const NOTHING: TakenOver = { adopted: [], refused: [] };

/** The time to wait for the session before the server counts as unreachable, in milliseconds. */
const ANSWER_TIMEOUT_MS = 8_000;

/**
 * The signed-in user: null for a signed-out visitor, undefined until the server has answered. Methods that return a
 * reply never reject; a reply without an answer is `CONNECTION_LOST`.
 */
export class Account {
  readonly #fetch: typeof globalThis.fetch;
  readonly #locale: () => Locale;
  #user: User | null | undefined = $state.raw(undefined);
  #provisional: User | null = $state.raw(null);
  #takenOver: TakenOver = $state.raw(NOTHING);
  #isRecognised = false;
  #isUnreachable = $state(false);
  #endedBecause: EndedSession | null = $state(null);
  #sessionEndsAt: string | null = null;
  /** Counts the sessions that this tab has begun: an answer about an earlier one comes too late. */
  #sessions = 0;
  /** During this tab's own sign-out, a `sessionEnded` push is not shown. */
  #isLeaving = false;

  constructor(fetch: typeof globalThis.fetch, locale: () => Locale) {
    this.#fetch = fetch;
    this.#locale = locale;
  }

  get user(): User | null | undefined {
    return this.#user;
  }

  /**
   * The account of a visitor who holds seats and has proved no address yet; null for all others. For everything else the
   * visitor is signed out: `user` is null.
   */
  get provisional(): User | null {
    return this.#provisional;
  }

  /** The id of the account that may hold seats here: the signed-in user's, or a visitor's provisional one. */
  get buyerId(): string | null {
    return this.#user?.id ?? this.#provisional?.id ?? null;
  }

  /** What has become of the seats that were held before the last sign-in. */
  get takenOver(): TakenOver {
    return this.#takenOver;
  }

  get isAdmin(): boolean {
    return this.#user?.role === 'admin';
  }

  /** Whether the page loaded with a session, rather than the user signing in on it. */
  get isRecognised(): boolean {
    return this.#isRecognised;
  }

  /** Whether the first question for the session failed; then kept tickets may be shown. */
  get isUnreachable(): boolean {
    return this.#user === undefined && this.#isUnreachable;
  }

  /** Why the last session ended; null if the user signed out in this tab. */
  get endedBecause(): EndedSession | null {
    return this.#endedBecause;
  }

  /** When the session ends by itself (ISO 8601); null if unknown. */
  get sessionEndsAt(): string | null {
    return this.#sessionEndsAt;
  }

  /**
   * Loads the session, at an address that answers signed-out visitors with 200. Without an answer the known user stays.
   */
  async load(): Promise<void> {
    const sessions = this.#sessions;
    const answer = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const reply = await callApi<CurrentSession>(this.#fetch, 'GET', '/api/auth/session', undefined, answer);
    this.#isUnreachable = !reply.ok;
    if (!reply.ok || sessions !== this.#sessions) return;
    const { user, expiresAt } = reply.data;
    this.#isRecognised = user !== null && !user.provisional && this.#user !== null;
    this.#take(user);
    this.#sessionEndsAt = expiresAt;
  }

  /** Whether this tab is signing out or deleting the account. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /**
   * Opens an account without an address, which may hold seats; on success `provisional` is set, or `user` if another tab
   * of this browser has signed in.
   */
  async openProvisional(): Promise<void> {
    const reply = await this.#startSession('/api/auth/provisional', {});
    if (!reply.ok && reply.error.details?.['signedIn'] === true) await this.load();
  }

  /** Forgets a hold that this account could not take over: it was released. */
  forgetRefused(bookingId: string): void {
    const { adopted, refused } = this.#takenOver;
    this.#takenOver = { adopted, refused: refused.filter(({ booking }) => booking.id !== bookingId) };
  }

  /** Signs in; on success `user` is set. */
  async login(input: LoginInput): Promise<Reply<User>> {
    return this.#startSession('/api/auth/login', input);
  }

  /** Signs in by a mailed code, to a new account if the address has none; on success `user` is set. */
  async enterCode(input: VerifyCodeInput): Promise<Reply<User>> {
    return this.#startSession('/api/auth/code/verify', input);
  }

  /** Signs in by a passkey; on success `user` is set. */
  async enterPasskey(credential: ProvedCredential): Promise<Reply<User>> {
    return this.#startSession('/api/auth/passkeys/sign-in', { credential });
  }

  /** Creates an account in the page's language and signs in; on success `user` is set. */
  async register(input: Omit<RegisterInput, 'locale'>): Promise<Reply<User>> {
    return this.#startSession('/api/auth/register', { ...input, locale: this.#locale() });
  }

  /** Ends this session, or all sessions of the account. Without an answer the user stays signed in. */
  async logout(everywhere = false): Promise<void> {
    this.#isLeaving = true;
    const reply = await this.#callApi('POST', '/api/auth/logout', everywhere ? { everywhere } : {});
    this.#isLeaving = false;
    if (reply.ok || reply.error.code === 'UNAUTHENTICATED') this.#take(null);
  }

  /** Changes the name or the language; on success `user` has the new ones. */
  async changeProfile(changes: { name?: string; locale?: Locale }): Promise<Reply<User>> {
    const reply = await this.#callApi<{ user: User }>('PATCH', '/api/auth/me', changes);
    if (!reply.ok) return reply;
    this.#user = reply.data.user;
    return { ok: true, data: reply.data.user };
  }

  /**
   * Changes the password; every other session of the account ends. Without `current`: sets the first one, shortly after
   * a mailed code.
   */
  async changePassword(input: { current?: string; next: string }): Promise<Reply<unknown>> {
    const reply = await this.#callApi('POST', '/api/auth/password', input);
    if (reply.ok && this.#user) this.#user = { ...this.#user, hasPassword: true };
    return reply;
  }

  /** Deletes the account for good, by its password, a mailed code or a passkey. */
  async remove(proof: CloseAccountInput): Promise<Reply<unknown>> {
    this.#isLeaving = true;
    const reply = await this.#callApi('DELETE', '/api/auth/me', proof);
    this.#isLeaving = false;
    if (reply.ok) this.#take(null);
    return reply;
  }

  /** Notes that the server ended the session. Of a provisional one nothing is said: its visitor never signed in. */
  ended(reason: EndedSession | null): void {
    if (this.#user && !this.#isLeaving) this.#endedBecause = reason;
    this.#take(null);
  }

  /** Sets the user that the server sent on connecting (`welcome`). */
  confirmed(user: User): void {
    this.#take(user);
  }

  async #startSession(path: string, input: unknown): Promise<Reply<User>> {
    const reply = await this.#callApi<{ user: User; takenOver?: TakenOver }>('POST', path, input);
    if (!reply.ok) return reply;
    const { user, takenOver = NOTHING } = reply.data;
    this.#sessions += 1;
    this.#endedBecause = null;
    this.#sessionEndsAt = null;
    this.#isRecognised = false;
    this.#takenOver = takenOver;
    this.#take(user);
    return { ok: true, data: user };
  }

  /** What was taken over is the account's that signed in last, as long as it is here. */
  #take(user: User | null): void {
    if (user === null) this.#takenOver = NOTHING;
    this.#user = user?.provisional ? null : user;
    this.#provisional = user?.provisional ? user : null;
  }

  #callApi<T>(method: string, path: string, input?: unknown): Promise<Reply<T>> {
    return callApi<T>(this.#fetch, method, path, input);
  }
}
