import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { Log } from '#server/log.ts';
import { CommitTimeout } from '#server/mongo/transaction.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { BatchOptions } from './batch.ts';
import { createBatches } from './batch.ts';
import { newCode } from '../rules/code.ts';
import { createKnownEvent } from './known-event.ts';
import type { KnownEvent } from './known-event.ts';
import type { QueuedCommand } from './queue.ts';
import { MAX_QUEUE_LENGTH, takeBatch } from './queue.ts';
import type { Command, Decision, CommandResult } from '../rules/command.ts';
import { isUrgent } from '../rules/notify.ts';
import { createServerTurns } from './server-turns.ts';

/** After this a batch is answered `UNAVAILABLE`, in time for the ten seconds of the contract. */
const BATCH_DEADLINE_MS = 8_000;
const RETRY_AFTER_MS = 1_000;
/** How often a busy queue looks whether another server waits: one small read, beside its batches. */
const LOOK_EVERY_MS = 100;
/** Replies sent in one turn of the event loop: about a millisecond of work. */
const REPLIES_PER_TURN = 24;

export interface EngineOptions extends Omit<BatchOptions, 'turns'> {
  log: Log;
  /** Called after a commit that added jobs which must run at once. */
  jobsAdded?: () => void;
}

export interface EngineMetrics {
  batches: number;
  commands: number;
  replays: number;
  halvings: number;
}

interface EventQueue {
  commands: QueuedCommand[];
  running: boolean;
  known: KnownEvent;
  /** When it was last asked whether another server waits for a turn. */
  lookedMs: number;
}

/**
 * One FIFO queue per event. While one batch commits, the next gathers: concurrent writers of one document are the
 * enemy, and a commit's fixed cost is what a crowd can share.
 */
export function createEngine(options: EngineOptions) {
  const { client, database, now, monotonic, random, sleep, log, jobsAdded } = options;
  const turns = createServerTurns({ database, monotonic, random, sleep, log });
  const batches = createBatches({ client, database, now, monotonic, random, sleep, turns });
  const queues = new Map<string, EventQueue>();
  const metrics: EngineMetrics = { batches: 0, commands: 0, replays: 0, halvings: 0 };
  const idle: (() => void)[] = [];

  /** Puts a command into its event's queue; resolves after the commit. Rejects only for a defect. */
  function submit(eventId: string, command: Command): Promise<CommandResult> {
    const queue = queueOf(eventId);
    if (queue.commands.length >= MAX_QUEUE_LENGTH) return Promise.resolve(refuseForNow('BUSY'));
    return new Promise((resolve, reject) => {
      queue.commands.push({ command, enteredMs: monotonic(), resolve, reject });
      if (!queue.running) void drain(eventId, queue);
    });
  }

  function queueOf(eventId: string): EventQueue {
    const known = queues.get(eventId);
    if (known) return known;
    const queue = { commands: [], running: false, known: createKnownEvent(monotonic), lookedMs: monotonic() };
    queues.set(eventId, queue);
    return queue;
  }

  async function drain(eventId: string, queue: EventQueue): Promise<void> {
    queue.running = true;
    while (queue.commands.length > 0) {
      await awaitTurn(eventId, queue);
      const { batch, late } = takeBatch(queue.commands, monotonic());
      for (const pending of late) pending.resolve(refuseForNow('BUSY'));
      if (batch.length > 0) await runBatch(eventId, batch, monotonic() + BATCH_DEADLINE_MS);
    }
    queues.delete(eventId);
    if (queues.size === 0) setImmediate(() => idle.splice(0).forEach((resolve) => resolve()));
  }

  /** Where other servers sell the event too, its batch grows until it is this one's turn. */
  async function awaitTurn(eventId: string, queue: EventQueue): Promise<void> {
    if (turns.isShared(eventId)) return turns.waitForTurn(eventId);
    if (monotonic() - queue.lookedMs < LOOK_EVERY_MS) return;
    queue.lookedMs = monotonic();
    turns.lookForOthers(eventId);
  }

  /**
   * Answers every command of a batch after the commit that decided it. Those who wait for seats come before each sale: a
   * long list is served to its end in between.
   */
  async function runBatch(eventId: string, batch: QueuedCommand[], deadlineMs: number): Promise<void> {
    let rest = batch;
    try {
      for (let served = false; rest.length > 0; served = true) {
        const commands = rest.map((pending) => pending.command);
        const result = await commit(eventId, commands, deadlineMs, served);
        const settled = result ? resultsOf(result) : commands.map(() => NO_EVENT);
        replySoon(rest.slice(0, settled.length), settled);
        rest = rest.slice(settled.length);
        await serveWaitlist(eventId, result?.offerAfter ?? null, deadlineMs);
      }
    } catch (error) {
      await handleFailure(eventId, rest, deadlineMs, error);
    }
  }

  /** Only what was not committed yet; a command that spoils the transaction is found by halving. */
  async function handleFailure(
    eventId: string,
    rest: QueuedCommand[],
    deadlineMs: number,
    error: unknown,
  ): Promise<void> {
    const [first] = rest;
    if (!first) log.error({ eventId, err: error }, 'offers could not be made; they are tried again');
    else if (error instanceof CommitTimeout || isUnavailable(error)) replyUnavailable(eventId, rest, error);
    else if (rest.length > 1) await halve(eventId, rest, deadlineMs, error);
    else await runAlone(eventId, first, deadlineMs, error);
  }

  /**
   * After the next batch is on its way: the database works on it while this one's replies are made and sent, a few at a
   * time, so that what the database answers meanwhile does not wait behind them.
   */
  function replySoon(batch: QueuedCommand[], settled: CommandResult[], from = 0): void {
    setImmediate(() => {
      const until = Math.min(from + REPLIES_PER_TURN, batch.length);
      for (let index = from; index < until; index += 1) batch[index]?.resolve(settled[index] as CommandResult);
      if (until < batch.length) replySoon(batch, settled, until);
    });
  }

  async function serveWaitlist(eventId: string, from: number | null, deadlineMs: number): Promise<void> {
    for (let after = from; after !== null;) {
      const result: Decision | null = await commit(eventId, [{ type: 'offer', after }], deadlineMs, false);
      after = result?.offerAfter ?? null;
    }
  }

  async function commit(eventId: string, commands: Command[], deadlineMs: number, waitlistServed: boolean) {
    metrics.batches += 1;
    metrics.commands += commands.length;
    const { known } = queueOf(eventId);
    const decision = await batches.commitBatch({
      eventId,
      commands,
      known,
      deadlineMs,
      waitlistServed,
      onReplay,
    });
    if (decision?.jobs.some(isUrgent)) jobsAdded?.();
    return decision;
  }

  function onReplay(cause: unknown): void {
    metrics.replays += 1;
    log.debug({ err: cause }, 'replaying a batch');
  }

  async function halve(eventId: string, batch: QueuedCommand[], deadlineMs: number, cause: unknown): Promise<void> {
    metrics.halvings += 1;
    log.warn({ eventId, size: batch.length, err: cause }, 'a batch failed and is halved');
    const middle = Math.ceil(batch.length / 2);
    await runBatch(eventId, batch.slice(0, middle), deadlineMs);
    await runBatch(eventId, batch.slice(middle), deadlineMs);
  }

  /** The guilty command alone: a requestId that another event's queue used first gets its replay or refusal. */
  async function runAlone(eventId: string, pending: QueuedCommand, deadlineMs: number, cause: unknown): Promise<void> {
    if (!isDuplicateKey(cause) || pending.retried) {
      pending.reject(cause);
      return;
    }
    // A code that is taken: one more try with another. A requestId that is taken is found by the load this time.
    const { command } = pending;
    const again = command.type === 'book' ? { ...command, code: newCode(random) } : command;
    await runBatch(eventId, [{ ...pending, command: again, retried: true }], deadlineMs);
  }

  function replyUnavailable(eventId: string, batch: QueuedCommand[], cause: unknown): void {
    log.error({ eventId, size: batch.length, err: cause }, 'the database could not commit a batch');
    for (const pending of batch) pending.resolve(refuseForNow('UNAVAILABLE'));
  }

  /** Resolves when every queue is empty. */
  function drained(): Promise<void> {
    return queues.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve));
  }

  /** How many events have a queue, and how many commands wait in them: in all, and in the longest. */
  function queueLengths(): { events: number; waiting: number; longest: number } {
    const each = [...queues.values()].map(({ commands }) => commands.length);
    return { events: each.length, waiting: each.reduce((a, b) => a + b, 0), longest: Math.max(0, ...each) };
  }

  return { submit, drained, queueLengths, metrics };
}

const NO_EVENT: CommandResult = { outcome: refuse('NOT_FOUND'), event: null };

function resultsOf({ outcomes, event }: Decision): CommandResult[] {
  return outcomes.map((outcome) => ({ outcome, event }));
}

export type Engine = ReturnType<typeof createEngine>;

function refuseForNow(code: 'BUSY' | 'UNAVAILABLE'): CommandResult {
  return { outcome: refuse(code, { retryAfterMs: RETRY_AFTER_MS }), event: null };
}
