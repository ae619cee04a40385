/**
 * A request whose outcome is not known yet. Every attempt at it carries its `requestId`, so the server carries it out
 * once (see retryable-action.svelte.ts).
 */
export interface PendingRequest<I> {
  requestId: string;
  input: I;
  /** Milliseconds since 1970 by this device's clock. */
  startedMs: number;
  /** Whether only a press sends the request again; otherwise a reload does, too. */
  isStopped: boolean;
}

/** A slot for at most one pending request. */
export interface PendingRequestSlot<I> {
  read(): PendingRequest<I> | null;
  keep(request: PendingRequest<I>): void;
  clear(): void;
}

/** A slot in memory: a reload loses its request. */
export class MemorySlot<I> implements PendingRequestSlot<I> {
  #request: PendingRequest<I> | null = null;

  read(): PendingRequest<I> | null {
    return this.#request;
  }

  keep(request: PendingRequest<I>): void {
    this.#request = request;
  }

  clear(): void {
    this.#request = null;
  }
}
