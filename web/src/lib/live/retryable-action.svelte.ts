import { untrack } from 'svelte';
import type { Failure, Reply } from './connection/connection.svelte.ts';
import { MemorySlot, type PendingRequest, type PendingRequestSlot } from './pending-request.ts';
import { isRetryable, RETRY_FOR_MS, retryDelayMs, type RetryTiming } from './connection/retry-policy.ts';

/** `unanswered` and `stopped` leave the outcome unknown; `refused` is the server's answer. */
export type ActionState<I, T> =
  | { kind: 'idle' }
  /** The first attempt is under way. */
  | { kind: 'pending' }
  /** An attempt failed with `failure`; the next one is due or under way. */
  | { kind: 'retrying'; failure: Failure }
  | { kind: 'refused'; failure: Failure; input: I }
  /** The last attempt failed with `failure`. */
  | { kind: 'unanswered'; failure: Failure }
  /** By the buyer. */
  | { kind: 'stopped' }
  /** The request of an earlier visit turned out to have had no effect. */
  | { kind: 'lapsed'; input: I }
  | { kind: 'done'; data: T };

/** Sends a command once; `requestId` is the same for every attempt at one intent. */
export type SendOnce<I, T> = (input: I, requestId: string) => Promise<Reply<T>>;

export interface ActionOptions<I, T> {
  /** Whether a repeated command has the effect of a single one; if not, there is one attempt. Default: yes. */
  mayRepeat?: (input: I) => boolean;
  /** Keeps the request while its outcome is unknown. Default: in memory. */
  slot?: PendingRequestSlot<I>;
  /** Whether `data`, from a push or a list, is the outcome of a request whose answer was lost. Default: no. */
  isOutcome?: (data: T, request: PendingRequest<I>) => boolean;
}

export interface ActionDependencies extends RetryTiming {
  newRequestId: () => string;
}

/** Creates an action that ends with its component. */
export type CreateAction = <I, T>(send: SendOnce<I, T>, options?: ActionOptions<I, T>) => RetryableAction<I, T>;

/**
 * A command of a component, from the press to its outcome. A press while one is under way does nothing. A command that
 * may be repeated is retried for two minutes while the server is busy or there is no connection. Its `requestId` stays
 * the same until the outcome is known: a second press, a lost answer or a reload never book twice.
 */
export class RetryableAction<I, T> {
  readonly #dependencies: ActionDependencies;
  readonly #send: SendOnce<I, T>;
  readonly #options: ActionOptions<I, T>;
  readonly #slot: PendingRequestSlot<I>;
  #state: ActionState<I, T> = $state.raw({ kind: 'idle' });
  /** Aborted: no further attempt. Replaced or null: the answer on its way is ignored, too. */
  #attempts: AbortController | null = null;

  constructor(dependencies: ActionDependencies, send: SendOnce<I, T>, options: ActionOptions<I, T> = {}) {
    this.#dependencies = dependencies;
    this.#send = send;
    this.#options = options;
    this.#slot = options.slot ?? new MemorySlot();
  }

  get state(): ActionState<I, T> {
    return this.#state;
  }

  get isUnderway(): boolean {
    return this.#state.kind === 'pending' || this.#state.kind === 'retrying';
  }

  /** The failure that ended the last run; null if it succeeded or was stopped, and while one is under way. */
  get failure(): Failure | null {
    return this.#state.kind === 'refused' || this.#state.kind === 'unanswered' ? this.#state.failure : null;
  }

  /** Sends the command until it has an outcome. Resolves with the last reply; null if stopped or already under way. */
  async run(input: I): Promise<Reply<T> | null> {
    if (this.isUnderway) return null;
    const requestId = this.#slot.read()?.requestId ?? this.#dependencies.newRequestId();
    return this.#attempt({ requestId, input, startedMs: this.#dependencies.now(), isStopped: false });
  }

  /** Runs the pending request again; without one the state is idle. */
  async tryAgain(): Promise<void> {
    const request = this.#slot.read();
    if (request === null) this.reset();
    else await this.run(request.input);
  }

  /** Continues a recent request that a reload interrupted. */
  async resume(): Promise<void> {
    const request = this.#slot.read();
    if (request === null || this.isUnderway) return;
    if (request.isStopped) this.#state = { kind: 'stopped' };
    else if (!this.#isOld(request)) await this.#attempt(request);
  }

  /** Searches pushed or listed data for the outcome of the pending request: its answer may be lost. */
  observe(known: readonly T[]): void {
    const request = this.#slot.read();
    const { isOutcome } = this.#options;
    const outcome = request && known.find((data) => isOutcome?.(data, request));
    if (outcome) this.#settle(request, outcome);
  }

  /** Settles an old pending request, given all data of its kind: it is done if its outcome is there, else lapsed. */
  concludeOld(known: readonly T[]): void {
    if (this.isUnderway) return;
    this.observe(known);
    const request = this.#slot.read();
    if (request === null || !this.#isOld(request)) return;
    this.#slot.clear();
    this.#state = { kind: 'lapsed', input: request.input };
  }

  /** Ends the attempts at the buyer's wish. The server may still carry the command out; a push shows that. */
  stop(): void {
    if (!this.isUnderway) return;
    this.#attempts?.abort();
    this.#attempts = null;
    const request = this.#slot.read();
    if (request !== null) this.#slot.keep({ ...request, isStopped: true });
    this.#state = { kind: 'stopped' };
  }

  /** Ends the attempts because what shows them is gone. An attempt under way is still answered. */
  leave(): void {
    this.#attempts?.abort();
  }

  /** Dismisses what the last run came to. An effect that calls this does not follow the state. */
  reset(): void {
    if (!untrack(() => this.isUnderway)) this.#state = { kind: 'idle' };
  }

  async #attempt(request: PendingRequest<I>): Promise<Reply<T> | null> {
    const attempts = new AbortController();
    this.#attempts = attempts;
    this.#slot.keep(request);
    this.#state = { kind: 'pending' };
    for (let attempt = 1; ; attempt += 1) {
      const reply = await this.#send(request.input, request.requestId);
      if (this.#attempts !== attempts) return null;
      const delayMs = reply.ok || attempts.signal.aborted ? null : this.#delayMs(request, reply.error, attempt);
      if (reply.ok || delayMs === null) return this.#answered(request, reply);
      this.#state = { kind: 'retrying', failure: reply.error };
      await this.#dependencies.sleepOrAbort(delayMs, attempts.signal);
      if (!attempts.signal.aborted) continue;
      if (this.#attempts === attempts) this.#state = { kind: 'idle' };
      return null;
    }
  }

  #delayMs({ input, startedMs }: PendingRequest<I>, failure: Failure, attempt: number): number | null {
    const { now, random } = this.#dependencies;
    if (this.#options.mayRepeat?.(input) === false) return null;
    return retryDelayMs(failure, attempt, now() - startedMs, random);
  }

  #answered(request: PendingRequest<I>, reply: Reply<T>): Reply<T> {
    if (reply.ok) this.#settle(request, reply.data);
    else if (isRetryable(reply.error)) this.#state = { kind: 'unanswered', failure: reply.error };
    else this.#refused(request, reply.error);
    return reply;
  }

  #refused(request: PendingRequest<I>, failure: Failure): void {
    // A defect may have come after the commit: the next press repeats the request, a reload does not.
    if (failure.code === 'INTERNAL') this.#slot.keep({ ...request, isStopped: true });
    else this.#clear(request);
    this.#state = { kind: 'refused', failure, input: request.input };
  }

  #settle(request: PendingRequest<I>, data: T): void {
    this.leave();
    this.#attempts = null;
    this.#clear(request);
    this.#state = { kind: 'done', data };
  }

  /** The slot may hold a later request by now: another visit to the same page shares it. */
  #clear({ requestId }: PendingRequest<I>): void {
    if (this.#slot.read()?.requestId === requestId) this.#slot.clear();
  }

  #isOld({ startedMs }: PendingRequest<I>): boolean {
    const ageMs = this.#dependencies.now() - startedMs;
    return ageMs < 0 || ageMs >= RETRY_FOR_MS;
  }
}
