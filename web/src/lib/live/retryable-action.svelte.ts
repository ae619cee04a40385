import { untrack } from 'svelte';
import type { Failure, Reply } from './connection/connection.svelte.ts';
import { MemorySlot, type PendingRequest, type PendingRequestSlot } from './pending-request.ts';
import { isRetryable, RETRY_FOR_MS, retryDelayMs, type RetryTiming } from './connection/retry-policy.ts';

/** The state of an action. `unanswered` and `stopped` leave the outcome unknown; `refused` is the server's answer. */
export type ActionState<I, T> =
  | { kind: 'idle' }
  /** The first attempt is under way. */
  | { kind: 'pending' }
  /** An attempt failed with `failure`; the next one is due or under way. */
  | { kind: 'retrying'; failure: Failure }
  | { kind: 'refused'; failure: Failure; input: I }
  /** The last attempt failed with `failure`. */
  | { kind: 'unanswered'; failure: Failure }
  /** The buyer ended the attempts. */
  | { kind: 'stopped' }
  /** The request of an earlier visit had no effect. */
  | { kind: 'lapsed'; input: I }
  | { kind: 'done'; data: T };

/** Sends a command once. `requestId` is the same for every attempt at one pending request. Never rejects. */
export type SendOnce<I, T> = (input: I, requestId: string) => Promise<Reply<T>>;

export interface ActionOptions<I, T> {
  /** Whether a repeated command has the effect of a single one; if not, there is one attempt. Default: yes. */
  mayRepeat?: (input: I) => boolean;
  /** Keeps the request while its outcome is unknown. Default: a `MemorySlot`. */
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
 * A command of a component, from the press to its outcome. A press during a run does nothing. A command that may be
 * repeated is retried for two minutes while the server is busy or there is no connection (connection/retry-policy.ts).
 * The pending request keeps its `requestId` until the outcome is known: a second press, a lost answer or a reload never
 * books twice.
 */
export class RetryableAction<I, T> {
  readonly #dependencies: ActionDependencies;
  readonly #send: SendOnce<I, T>;
  readonly #options: ActionOptions<I, T>;
  readonly #slot: PendingRequestSlot<I>;
  #state: ActionState<I, T> = $state.raw({ kind: 'idle' });
  /** Aborted: no further attempt. Replaced or null: the answer that is still due is ignored, too. */
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

  /** Whether an attempt, or a delay between two attempts, is under way. */
  get isUnderway(): boolean {
    return this.#state.kind === 'pending' || this.#state.kind === 'retrying';
  }

  /** The failure that ended the last run; null if the run succeeded or was stopped, and during a run. */
  get failure(): Failure | null {
    return this.#state.kind === 'refused' || this.#state.kind === 'unanswered' ? this.#state.failure : null;
  }

  /**
   * Sends the command until it has an outcome or two minutes have passed. Resolves with the last reply, or null if the
   * run was stopped or another run is under way. Never rejects.
   */
  async run(input: I): Promise<Reply<T> | null> {
    if (this.isUnderway) return null;
    const requestId = this.#slot.read()?.requestId ?? this.#dependencies.newRequestId();
    return this.#attempt({ requestId, input, startedMs: this.#dependencies.now(), isStopped: false });
  }

  /** Sends the pending request again; without a pending request the state becomes idle. */
  async tryAgain(): Promise<void> {
    const request = this.#slot.read();
    if (request === null) this.reset();
    else await this.run(request.input);
  }

  /** Sends the pending request of an earlier visit again, unless it is stopped or older than two minutes. */
  async resume(): Promise<void> {
    const request = this.#slot.read();
    if (request === null || this.isUnderway) return;
    if (request.isStopped) this.#state = { kind: 'stopped' };
    else if (!this.#isOld(request)) await this.#attempt(request);
  }

  /** Looks for the outcome of the pending request in pushed or listed data, because its answer may be lost. */
  observe(known: readonly T[]): void {
    const request = this.#slot.read();
    const { isOutcome } = this.#options;
    const outcome = request && known.find((data) => isOutcome?.(data, request));
    if (outcome) this.#complete(request, outcome);
  }

  /**
   * Concludes a pending request older than two minutes. `known` is all data of its kind: the request is done if `known`
   * holds its outcome, else it has lapsed.
   */
  concludeOld(known: readonly T[]): void {
    if (this.isUnderway) return;
    this.observe(known);
    const request = this.#slot.read();
    if (request === null || !this.#isOld(request)) return;
    this.#slot.clear();
    this.#state = { kind: 'lapsed', input: request.input };
  }

  /**
   * Ends the attempts because the buyer asks for it. The server may still carry the command out; then a push shows it.
   */
  stop(): void {
    if (!this.isUnderway) return;
    this.#attempts?.abort();
    this.#attempts = null;
    const request = this.#slot.read();
    if (request !== null) this.#slot.keep({ ...request, isStopped: true });
    this.#state = { kind: 'stopped' };
  }

  /** Ends the attempts because their component is gone. The answer to the present attempt still counts. */
  leave(): void {
    this.#attempts?.abort();
  }

  /** Returns to idle after a run. Does nothing during a run. An effect that calls this does not follow the state. */
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
    if (reply.ok) this.#complete(request, reply.data);
    else if (isRetryable(reply.error)) this.#state = { kind: 'unanswered', failure: reply.error };
    else this.#refused(request, reply.error);
    return reply;
  }

  #refused(request: PendingRequest<I>, failure: Failure): void {
    // A defect may follow the commit, so the request stays: the next press repeats it, a reload does not.
    if (failure.code === 'INTERNAL') this.#slot.keep({ ...request, isStopped: true });
    else this.#clear(request);
    this.#state = { kind: 'refused', failure, input: request.input };
  }

  #complete(request: PendingRequest<I>, data: T): void {
    this.leave();
    this.#attempts = null;
    this.#clear(request);
    this.#state = { kind: 'done', data };
  }

  /** Clears the slot, unless it holds a later request: another visit to the same page shares the slot. */
  #clear({ requestId }: PendingRequest<I>): void {
    if (this.#slot.read()?.requestId === requestId) this.#slot.clear();
  }

  #isOld({ startedMs }: PendingRequest<I>): boolean {
    const ageMs = this.#dependencies.now() - startedMs;
    return ageMs < 0 || ageMs >= RETRY_FOR_MS;
  }
}
