import type { Locale, LoginInput, RegisterInput, User } from '#shared/account.ts';
import type { SessionEndReason } from '#shared/pushes.ts';
import type { Failure, Reply } from './connection.svelte.ts';

/** Why a session ended for good, as far as the reader has to be told. */
export type EndedSession = Exclude<SessionEndReason, 'role_changed' | 'server_closing'>;

/** Who is signed in. `undefined` until the server has been asked. */
export class Account {
  readonly #fetch: typeof globalThis.fetch;
  readonly #locale: () => Locale;
  #user: User | null | undefined = $state.raw(undefined);
  #endedBecause: EndedSession | null = $state(null);
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

  /** Why the last session ended, where that was not the reader's own doing in this tab. */
  get endedBecause(): EndedSession | null {
    return this.#endedBecause;
  }

  /** Asks who is signed in. Where the server cannot be reached, what was known stays. */
  async load(): Promise<void> {
    const reply = await this.#send<{ user: User }>('GET', '/api/auth/me');
    if (reply.ok) this.#user = reply.data.user;
    else if (reply.error.code === 'UNAUTHENTICATED' || this.#user === undefined) this.#user = null;
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
    const reply = await this.#send('POST', '/api/auth/logout', everywhere ? { everywhere } : {});
    this.#isLeaving = false;
    if (reply.ok || reply.error.code === 'UNAUTHENTICATED') this.#user = null;
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
    const reply = await this.#send<{ user: User }>('POST', path, input);
    if (!reply.ok) return reply;
    this.#endedBecause = null;
    this.#user = reply.data.user;
    return { ok: true, data: reply.data.user };
  }

  async #send<T>(method: string, path: string, input?: unknown): Promise<Reply<T>> {
    try {
      const response = await this.#fetch(path, {
        method,
        credentials: 'same-origin',
        ...(input !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) }),
      });
      return await readReply<T>(response);
    } catch (cause) {
      return { ok: false, error: { code: 'CONNECTION_LOST', message: String(cause) } };
    }
  }
}

/** An HTTP answer in the shape of an acknowledgement. */
async function readReply<T>(response: Response): Promise<Reply<T>> {
  const body = response.status === 204 ? null : ((await response.json()) as unknown);
  if (response.ok) return { ok: true, data: body as T };
  return { ok: false, error: (body as { error: Failure }).error };
}
