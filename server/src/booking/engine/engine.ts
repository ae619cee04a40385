import type { Log } from '#server/log.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import { CommitTimeout } from '#server/mongo/transaction.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { newCode } from '../rules/code.ts';
import type { Command, CommandResult, Decision } from '../rules/command.ts';
import { isUrgent } from '../rules/notify.ts';
import type { EventCache, NewestEvents } from '../store/event-cache.ts';
import { createEventCache } from '../store/event-cache.ts';
import type { BatchesOptions } from './batch.ts';
import { createBatches } from './batch.ts';
import { createServerTurns } from './server-turns.ts';

const MAX_QUEUE_LENGTH = 10_000;
/** A command that has waited this long is refused: its sender is about to give up on it. */
const MAX_QUEUE_TIME_MS = 8_000;
const MAX_BATCH = 512;
/** After this a batch is answered `UNAVAILABLE`, in time for the ten seconds of the contract. */
const BATCH_DEADLINE_MS = 8_000;
const RETRY_AFTER_MS = 1_000;
/** How often a busy queue looks whether another server waits: one small read, beside its batches. */
const LOOK_FOR_OTHERS_EVERY_MS = 100;
/** Replies sent in one turn of the event loop: about a millisecond of work. */
const REPLIES_PER_TURN = 24;

/** Commands that are decided alone: they change what the rules of others read, or count all bookings. */
const ALONE: ReadonlySet<Command['type']> = new Set(['edit', 'cancelEvent', 'recount']);

interface EngineOptions extends Omit<BatchesOptions, 'turns'> {
  log: Log;
  /** The newest documents of events that this process has without reading them; by default none. */
  knownEvents?: NewestEvents;
  /** Called after a commit that added jobs which must run at once. */
  jobsAdded?: () => void;
}

interface EngineMetrics {
  batches: number;
  commands: number;
  replays: number;
  halvings: number;
}

/** A command whose outcome is not known yet. */
interface QueuedCommand {
  command: Command;
  /** Monotonic milliseconds. */
  enteredMs: number;
  /** Whether the command runs for the second time, alone. */
  isRetry?: boolean;
  resolve(result: CommandResult): void;
  reject(error: unknown): void;
}

interface EventQueue {
  commands: QueuedCommand[];
  isRunning: boolean;
  cache: EventCache;
  /** Monotonic milliseconds. */
  lookedForOthersMs: number;
}

/**
 * One FIFO queue per event. While one batch commits, the next gathers: concurrent writers of one document are the
 * enemy, and a commit's fixed cost is what a crowd can share.
 */
export function createEngine(options: EngineOptions) {
  const { store, now, monotonic, random, sleep, log, knownEvents = NOTHING_KNOWN, jobsAdded } = options;
  const turns = createServerTurns({ store, monotonic, random, sleep, log });
  const batches = createBatches({ store, now, monotonic, random, sleep, turns });
  const queues = new Map<string, EventQueue>();
  const metrics: EngineMetrics = { batches: 0, commands: 0, replays: 0, halvings: 0 };
  const idleListeners: (() => void)[] = [];

  /**
   * Puts a command into its event's queue; resolves after the commit. The engine itself refuses with `BUSY` (a full
   * queue, or too long in it), `UNAVAILABLE` (no commit before the deadline) and `NOT_FOUND` (no such event). Rejects
   * for a defect.
   */
  function submit(eventId: string, command: Command): Promise<CommandResult> {
    const queue = queueOf(eventId);
    if (queue.commands.length >= MAX_QUEUE_LENGTH) return Promise.resolve(refuseForNow('BUSY'));
    return new Promise((resolve, reject) => {
      queue.commands.push({ command, enteredMs: monotonic(), resolve, reject });
      if (!queue.isRunning) void drain(eventId, queue);
    });
  }

  function queueOf(eventId: string): EventQueue {
    const known = queues.get(eventId);
    if (known) return known;
    const cache = createEventCache({ eventId, knownEvents, monotonic });
    const queue = { commands: [], isRunning: false, cache, lookedForOthersMs: monotonic() };
    queues.set(eventId, queue);
    return queue;
  }

  async function drain(eventId: string, queue: EventQueue): Promise<void> {
    queue.isRunning = true;
    while (queue.commands.length > 0) {
      await waitForTurn(eventId, queue);
      const { batch, late } = takeBatch(queue.commands, monotonic());
      for (const queued of late) queued.resolve(refuseForNow('BUSY'));
      if (batch.length > 0) await runBatch(eventId, batch, monotonic() + BATCH_DEADLINE_MS);
    }
    queues.delete(eventId);
    if (queues.size === 0) setImmediate(() => idleListeners.splice(0).forEach((resolve) => resolve()));
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
    const decision = await batches.commitBatch({ eventId, commands, cache, deadlineMs, isWaitlistServed, onReplay });
    if (decision?.jobs.some(isUrgent)) jobsAdded?.();
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

  /** Resolves when every queue is empty. */
  function drained(): Promise<void> {
    return queues.size === 0 ? Promise.resolve() : new Promise((resolve) => idleListeners.push(resolve));
  }

  /** Events that have a queue, and commands that wait: in all queues, and in the longest one. */
  function queueLengths(): { events: number; waiting: number; longest: number } {
    const each = [...queues.values()].map(({ commands }) => commands.length);
    return { events: each.length, waiting: each.reduce((a, b) => a + b, 0), longest: Math.max(0, ...each) };
  }

  return { submit, drained, queueLengths, metrics };
}

export type Engine = ReturnType<typeof createEngine>;

/** The next batch, first come, first served; commands that have waited too long are set apart, unexecuted. */
function takeBatch(queue: QueuedCommand[], nowMs: number): { batch: QueuedCommand[]; late: QueuedCommand[] } {
  const late: QueuedCommand[] = [];
  while (queue.length > 0 && nowMs - (queue[0] as QueuedCommand).enteredMs > MAX_QUEUE_TIME_MS) {
    late.push(queue.shift() as QueuedCommand);
  }
  let size = 0;
  while (size < queue.length && size < MAX_BATCH && !ALONE.has((queue[size] as QueuedCommand).command.type)) size += 1;
  return { batch: queue.splice(0, Math.max(size, Math.min(queue.length, 1))), late };
}

/**
 * Resolves a batch's commands after the next batch is sent: while the database works on that one, replies are made, a
 * few at a time so that the database's next answer does not wait behind them.
 */
function replySoon(batch: QueuedCommand[], results: CommandResult[], from = 0): void {
  setImmediate(() => {
    const until = Math.min(from + REPLIES_PER_TURN, batch.length);
    for (let index = from; index < until; index += 1) batch[index]?.resolve(results[index] as CommandResult);
    if (until < batch.length) replySoon(batch, results, until);
  });
}

const NOTHING_KNOWN: NewestEvents = { get: () => null, noteCommit: () => undefined };

const NO_EVENT: CommandResult = { outcome: refuse('NOT_FOUND'), event: null };

function resultsOf({ outcomes, event }: Decision): CommandResult[] {
  return outcomes.map((outcome) => ({ outcome, event }));
}

function refuseForNow(code: 'BUSY' | 'UNAVAILABLE'): CommandResult {
  return { outcome: refuse(code, { retryAfterMs: RETRY_AFTER_MS }), event: null };
}
