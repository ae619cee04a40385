import type { Passkey } from '#shared/accounts/passkey.ts';
import type { Reply } from '../connection/connection.svelte.ts';

/** The requests that the list needs. */
interface PasskeyRequests {
  list(): Promise<Reply<{ passkeys: Passkey[] }>>;
  remove(id: string): Promise<Reply<unknown>>;
}

/** The passkeys of the account that is signed in, as its page shows them. */
export class OwnPasskeys {
  readonly #requests: PasskeyRequests;
  #all: Passkey[] = $state.raw([]);
  #hasFailed = $state(false);
  #removingId: string | null = $state(null);

  constructor(requests: PasskeyRequests) {
    this.#requests = requests;
  }

  get all(): Passkey[] {
    return this.#all;
  }

  /** Whether the last request failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The passkey that is being removed. */
  get removingId(): string | null {
    return this.#removingId;
  }

  async load(): Promise<void> {
    const reply = await this.#requests.list();
    if (reply.ok) this.#all = reply.data.passkeys;
    this.#hasFailed = !reply.ok;
  }

  /** Whether it is removed now. One that another tab has removed is `NOT_FOUND`, which is what was wanted. */
  async remove(id: string): Promise<boolean> {
    this.#removingId = id;
    const reply = await this.#requests.remove(id);
    this.#removingId = null;
    await this.load();
    const isRemoved = reply.ok || reply.error.code === 'NOT_FOUND';
    this.#hasFailed ||= !isRemoved;
    return isRemoved;
  }
}
