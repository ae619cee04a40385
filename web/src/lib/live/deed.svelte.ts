import type { Failure, Reply } from './connection/connection.svelte.ts';
import { insist, type Patience } from './insist.ts';

export type DeedState =
  | { kind: 'idle' }
  | { kind: 'sending' }
  | { kind: 'retrying'; because: Failure }
  | { kind: 'refused'; because: Failure };

/**
 * Something that may be sent again without harm, as giving a hold back is: one at a time, tried for two minutes while
 * the server is busy or cannot be reached, its refusal kept to be shown.
 */
export class Deed {
  readonly #patience: Patience;
  #state: DeedState = $state.raw({ kind: 'idle' });
  #attempts: AbortController | null = null;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  get state(): DeedState {
    return this.#state;
  }

  get isUnderway(): boolean {
    return this.#state.kind === 'sending' || this.#state.kind === 'retrying';
  }

  /** Does it and gives back what came of it; null where it was refused (the state says why), stopped, or under way. */
  async do<T>(send: () => Promise<Reply<T>>): Promise<T | null> {
    if (this.isUnderway) return null;
    const attempts = new AbortController();
    this.#attempts = attempts;
    this.#state = { kind: 'sending' };
    const reply = await insist(send, {
      ...this.#patience,
      sinceMs: this.#patience.now(),
      signal: attempts.signal,
      onPause: (because) => (this.#state = { kind: 'retrying', because }),
    });
    if (reply === null) return null;
    this.#state = reply.ok ? { kind: 'idle' } : { kind: 'refused', because: reply.error };
    return reply.ok ? reply.data : null;
  }

  /** Stops trying; what was sent may still have been done, and a push says so. */
  stop(): void {
    this.#attempts?.abort();
    this.#state = { kind: 'idle' };
  }
}
