import type { QueuedTrace } from '#server/tracing/tracing.ts';
import type { Command, CommandResult } from '../rules/command.ts';
import type { EventCache } from '../store/event-cache.ts';
import type { QueueAdmission } from './queue-admission.ts';

/** A command that a hold-up kept this long is refused: its sender is about to give up on it. */
const MAX_QUEUE_TIME_MS = 8_000;
export const MAX_BATCH = 512;
/** Replies sent in one turn of the event loop: about a millisecond of work. */
const REPLIES_PER_TURN = 24;

/** Commands that are decided alone: they change what the rules of others read, or count all bookings. */
const ALONE: ReadonlySet<Command['type']> = new Set(['edit', 'changeImage', 'cancelEvent', 'recount']);

/** A command whose outcome is not known yet. */
export interface QueuedCommand {
  command: Command;
  /** The buyer who sent it, if it was one. */
  buyer: string | null;
  /** Monotonic milliseconds. */
  enteredMs: number;
  /** Whether the command runs for the second time, alone. */
  isRetry?: boolean;
  /** If commands are followed. */
  trace?: QueuedTrace | null;
  resolve(result: CommandResult): void;
  reject(error: unknown): void;
}

export interface EventQueue {
  commands: QueuedCommand[];
  isRunning: boolean;
  cache: EventCache;
  admission: QueueAdmission;
  /** Monotonic milliseconds. */
  lookedForOthersMs: number;
}

/** The next batch, first come, first served; commands that have waited too long are set apart, unexecuted. */
export function takeBatch({ commands: queue, admission }: EventQueue, nowMs: number) {
  const late: QueuedCommand[] = [];
  while (queue.length > 0 && nowMs - (queue[0] as QueuedCommand).enteredMs > MAX_QUEUE_TIME_MS) {
    late.push(queue.shift() as QueuedCommand);
  }
  let size = 0;
  while (size < queue.length && size < MAX_BATCH && !ALONE.has((queue[size] as QueuedCommand).command.type)) size += 1;
  const batch = queue.splice(0, Math.max(size, Math.min(queue.length, 1)));
  for (const { buyer } of batch) admission.leave(buyer);
  for (const { buyer } of late) admission.leave(buyer);
  return { batch, late };
}

/** Takes the times of the engine, for metrics; all in milliseconds. */
export interface EngineTimes {
  /** How long a command has waited in its queue. */
  waited(ms: number): void;
  /** How long a batch took from its first read to its commit. */
  committed(ms: number): void;
}

/** Notes in times and traces that the batch of these commands begins. */
export function noteBegin(batch: readonly QueuedCommand[], nowMs: number, times: EngineTimes | undefined): void {
  for (const { enteredMs, trace } of batch) {
    times?.waited(nowMs - enteredMs);
    trace?.began();
  }
}

/** Notes the commit of these commands in their traces. */
export function traceCommit(commands: readonly QueuedCommand[], eventId: string, version: number): void {
  for (const { trace } of commands) trace?.committed({ eventId, version, size: commands.length });
}

/**
 * Resolves a batch's commands after the next batch is sent: while the database works on that one, replies are made, a
 * few at a time so that the database's next answer does not wait behind them.
 */
export function replySoon(batch: QueuedCommand[], results: CommandResult[], from = 0): void {
  setImmediate(() => {
    const until = Math.min(from + REPLIES_PER_TURN, batch.length);
    for (let index = from; index < until; index += 1) batch[index]?.resolve(results[index] as CommandResult);
    if (until < batch.length) replySoon(batch, results, until);
  });
}
