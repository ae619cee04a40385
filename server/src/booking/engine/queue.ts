import type { Command, CommandResult } from '../rules/command.ts';

/** A command that waits for its batch, and whoever waits for its outcome. */
export interface QueuedCommand {
  command: Command;
  /** Monotonic milliseconds. */
  enteredMs: number;
  /** Whether this is its second try, alone. */
  retried?: boolean;
  resolve(settled: CommandResult): void;
  reject(error: unknown): void;
}

export const MAX_BATCH = 512;
export const MAX_QUEUE_LENGTH = 10_000;
/** A command that has waited this long is answered unexecuted: its sender is about to give up on it. */
export const MAX_QUEUE_TIME_MS = 8_000;

/** Commands about the event itself stand alone: they change what the rules of others read, or count all that is there. */
const STANDING_ALONE: ReadonlySet<Command['type']> = new Set(['edit', 'cancelEvent', 'recount']);

/**
 * The next batch, first come, first served. Commands that have waited too long are set apart, unexecuted.
 */
export function takeBatch(waiting: QueuedCommand[], nowMs: number): { batch: QueuedCommand[]; late: QueuedCommand[] } {
  const late: QueuedCommand[] = [];
  while (waiting.length > 0 && nowMs - (waiting[0] as QueuedCommand).enteredMs > MAX_QUEUE_TIME_MS) {
    late.push(waiting.shift() as QueuedCommand);
  }
  let size = 0;
  while (
    size < waiting.length &&
    size < MAX_BATCH &&
    !STANDING_ALONE.has((waiting[size] as QueuedCommand).command.type)
  )
    size += 1;
  return { batch: waiting.splice(0, Math.max(size, Math.min(waiting.length, 1))), late };
}
