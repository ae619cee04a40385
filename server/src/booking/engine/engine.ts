import type { Log } from '#server/log.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import { CommitTimeout } from '#server/mongo/transaction.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import type { Tracing } from '#server/tracing/tracing.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { newCode } from '../rules/code.ts';
import type { Command, CommandResult, Decision, NewJob } from '../rules/command.ts';
import { isAddedAfterCommit, isUrgent } from '../rules/notify.ts';
import type { NewestEvents } from '../store/event-cache.ts';
import { createEventCache } from '../store/event-cache.ts';
import type { BatchesOptions } from './batch.ts';
import { createBatches } from './batch.ts';
import { buyerOf } from './buyer-of.ts';
import type { EngineTimes, EventQueue, QueuedCommand } from './event-queue.ts';
import { MAX_BATCH, noteBegin, replySoon, takeBatch, traceCommit } from './event-queue.ts';
import { createQueueAdmission } from './queue-admission.ts';
import { NO_EVENT, refuseForNow, resultsOf, RETRY_AFTER_MS } from './results.ts';
import { createServerTurns } from './server-turns.ts';
import { countSoldTickets, nothingSold } from './sold-tickets.ts';

/** After this a batch is answered `UNAVAILABLE`, in time for the ten seconds of the contract. */
const BATCH_DEADLINE_MS = 8_000;
/** How often a busy queue looks whether another server waits: one small read, beside its batches. */
const LOOK_FOR_OTHERS_EVERY_MS = 100;

/** Takes the jobs that are added after the commit of their batch. */
export interface LaterJobs {
  /** Has the jobs added soon, without waiting. `at`: the time of the commit. */
  add(jobs: readonly NewJob[], at: Date): void;
  /** Resolves when all that were handed over are stored, or could not be. */
  settled(): Promise<void>;
}

interface EngineOptions extends Omit<BatchesOptions, 'turns'> {
  log: Log;
  /** The newest documents of events that this process has without reading them; by default none. */
  knownEvents?: NewestEvents;
  /** Called after a commit that added jobs which must run at once. */
  jobsAdded?: () => void;
  /** By default these jobs are left to the sweep of missing ones. */
  laterJobs?: LaterJobs;
  times?: EngineTimes;
  tracing?: Pick<Tracing, 'enter'> | null;
}

interface EngineMetrics {
  batches: number;
  commands: number;
  replays: number;
  halvings: number;
  sold: ReturnType<typeof nothingSold>;
}

/**
 * One FIFO queue per event. While one batch commits, the next gathers: concurrent writers of one document are the
 * enemy, and a commit's fixed cost is what a crowd can share.
 */
export function createEngine(options: EngineOptions) {
  const {
    store,
    now,
    monotonic,
    random,
    sleep,
    log,
    knownEvents = NOTHING_KNOWN,
    jobsAdded,
    laterJobs,
    times,
    tracing = null,
    provider = null,
  } = options;
  const turns = createServerTurns({ store, monotonic, random, sleep, log });
  const batches = createBatches({ store, now, monotonic, random, sleep, turns, provider });
  const queues = new Map<string, EventQueue>();
  const metrics: EngineMetrics = { batches: 0, commands: 0, replays: 0, halvings: 0, sold: nothingSold() };
  const idleListeners: (() => void)[] = [];
  let emptyMs = -Infinity;

  /**
   * Puts a command into its event's queue; resolves after the commit. The engine itself refuses with `BUSY` (a buyer's
   * command that would wait too long, or one that has), `UNAVAILABLE` (no commit before the deadline) and `NOT_FOUND`
   * (no such event). Rejects for a defect.
   */
  function submit(eventId: string, command: Command): Promise<CommandResult> {
    const buyer = buyerOf(command);
    if (buyer !== null && isFull(eventId, buyer))
      return Promise.resolve({ outcome: { ok: false, error: busyRefusal(eventId, buyer) }, event: null });
    const queue = queueOf(eventId);
    return new Promise((resolve, reject) => {
      const trace = tracing && tracing.enter();
      queue.commands.push({ command, buyer, enteredMs: monotonic(), trace, resolve, reject });
      queue.admission.enter(buyer);
      if (!queue.isRunning) void drain(eventId, queue);
    });
  }

  /** Whether a command of this buyer would be refused, because it would wait too long. Costs a microsecond. */
  function isFull(eventId: string, buyer: string): boolean {
    return queues.get(eventId)?.admission.isFullFor(buyer) ?? false;
  }

  /** The refusal of a buyer's command by a full queue, with the time after which it will be let in. */
  function busyRefusal(eventId: string, buyer: string): Refusal {
    return refuse('BUSY', { retryAfterMs: queues.get(eventId)?.admission.retryAfterMs(buyer) ?? RETRY_AFTER_MS }).error;
  }

  function queueOf(eventId: string): EventQueue {
    const known = queues.get(eventId);
    if (known) return known;
    const cache = createEventCache({ eventId, knownEvents, monotonic });
    const admission = createQueueAdmission({ monotonic, maxBatch: MAX_BATCH });
    const queue = { commands: [], isRunning: false, cache, admission, lookedForOthersMs: monotonic() };
    queues.set(eventId, queue);
    return queue;
  }

  async function drain(eventId: string, queue: EventQueue): Promise<void> {
    queue.isRunning = true;
    while (queue.commands.length > 0) {
      const startedMs = monotonic();
      await waitForTurn(eventId, queue);
      const { batch, late } = takeBatch(queue, monotonic());
      const hasMore = queue.commands.length > 0;
      for (const queued of late) queued.resolve(refuseForNow('BUSY'));
      if (batch.length === 0) continue;
      noteBegin(batch, monotonic(), times);
      queue.admission.pace.begin({ size: batch.length, startedMs });
      await runBatch(eventId, batch, monotonic() + BATCH_DEADLINE_MS);
      queue.admission.pace.end(hasMore);
    }
    queues.delete(eventId);
    if (queues.size > 0) return;
    emptyMs = monotonic();
    setImmediate(() => idleListeners.splice(0).forEach((resolve) => resolve()));
  }

  /** If other servers sell the event too, the batch grows until it is this server's turn. */
  async function waitForTurn(eventId: string, queue: EventQueue): Promise<void> {
    if (turns.isShared(eventId)) return turns.waitForTurn(eventId);
    if (monotonic() - queue.lookedForOthersMs < LOOK_FOR_OTHERS_EVERY_MS) return;
    queue.lookedForOthersMs = monotonic();
    turns.lookForOthers(eventId);
  }

  /**
   * Answers each command of a batch after the commit that decided it; a long waiting list is served before each sale.
   */
  async function runBatch(eventId: string, batch: QueuedCommand[], deadlineMs: number): Promise<void> {
    let rest = batch;
    try {
      for (let isWaitlistServed = false; rest.length > 0; isWaitlistServed = true) {
        const commands = rest.map((queued) => queued.command);
        const decision = await commit(eventId, commands, deadlineMs, isWaitlistServed);
        const results = decision ? resultsOf(decision) : commands.map(() => NO_EVENT);
        if (tracing && decision) traceCommit(rest.slice(0, results.length), eventId, decision.event.version);
        replySoon(rest.slice(0, results.length), results);
        rest = rest.slice(results.length);
        await serveWaitlist(eventId, decision?.offerAfter ?? null, deadlineMs);
      }
    } catch (error) {
      await handleFailure(eventId, rest, deadlineMs, error);
    }
  }

  async function serveWaitlist(eventId: string, offerAfter: number | null, deadlineMs: number): Promise<void> {
    for (let after = offerAfter; after !== null;) {
      const decision: Decision | null = await commit(eventId, [{ type: 'offer', after }], deadlineMs, false);
      after = decision?.offerAfter ?? null;
    }
  }

  async function commit(eventId: string, commands: Command[], deadlineMs: number, isWaitlistServed: boolean) {
    metrics.batches += 1;
    metrics.commands += commands.length;
    const { cache } = queueOf(eventId);
    const startedMs = monotonic();
    const decision = await batches.commitBatch({ eventId, commands, cache, deadlineMs, isWaitlistServed, onReplay });
    times?.committed(monotonic() - startedMs);
    if (decision) countSoldTickets(metrics.sold, decision);
    if (decision?.jobs.some(isUrgent)) jobsAdded?.();
    if (decision) laterJobs?.add(decision.jobs.filter(isAddedAfterCommit), now());
    return decision;
  }

  function onReplay(cause: unknown): void {
    metrics.replays += 1;
    log.debug({ err: cause }, 'replaying a batch');
  }

  /**
   * `rest`: the commands of the batch that are not committed yet. Halving finds the one that spoils the transaction.
   */
  async function handleFailure(eventId: string, rest: QueuedCommand[], deadlineMs: number, error: unknown) {
    const [first] = rest;
    if (!first) log.error({ eventId, err: error }, 'offers could not be made; they are tried again');
    else if (error instanceof CommitTimeout || isUnavailable(error)) replyUnavailable(eventId, rest, error);
    else if (rest.length > 1) await halve(eventId, rest, deadlineMs, error);
    else await retryAlone(eventId, first, deadlineMs, error);
  }

  async function halve(eventId: string, batch: QueuedCommand[], deadlineMs: number, cause: unknown): Promise<void> {
    metrics.halvings += 1;
    log.warn({ eventId, size: batch.length, err: cause }, 'a batch failed and is halved');
    const middle = Math.ceil(batch.length / 2);
    await runBatch(eventId, batch.slice(0, middle), deadlineMs);
    await runBatch(eventId, batch.slice(middle), deadlineMs);
  }

  /** A second try helps if a key was taken: the load finds a request that is taken by now, and a code is replaced. */
  async function retryAlone(eventId: string, queued: QueuedCommand, deadlineMs: number, cause: unknown): Promise<void> {
    if (!isDuplicateKey(cause) || queued.isRetry) {
      queued.reject(cause);
      return;
    }
    const { command } = queued;
    const again = command.type === 'book' ? { ...command, code: newCode(random) } : command;
    await runBatch(eventId, [{ ...queued, command: again, isRetry: true }], deadlineMs);
  }

  function replyUnavailable(eventId: string, batch: QueuedCommand[], cause: unknown): void {
    log.error({ eventId, size: batch.length, err: cause }, 'the database could not commit a batch');
    for (const queued of batch) queued.resolve(refuseForNow('UNAVAILABLE'));
  }

  /** Resolves when every queue is empty, and the jobs of its batches are stored. */
  async function drained(): Promise<void> {
    if (queues.size > 0) await new Promise<void>((resolve) => idleListeners.push(resolve));
    await laterJobs?.settled();
  }

  /** For how long no command has been queued or in a batch. */
  function idleMs(): number {
    return queues.size > 0 ? 0 : monotonic() - emptyMs;
  }

  /** Events that have a queue, and commands that wait: in all queues, and in the longest one. */
  function queueLengths(): { events: number; waiting: number; longest: number } {
    const each = [...queues.values()].map(({ commands }) => commands.length);
    return { events: each.length, waiting: each.reduce((a, b) => a + b, 0), longest: Math.max(0, ...each) };
  }

  return { submit, isFull, busyRefusal, drained, idleMs, queueLengths, metrics };
}

export type Engine = ReturnType<typeof createEngine>;

const NOTHING_KNOWN: NewestEvents = { get: () => null, noteCommit: () => undefined };
