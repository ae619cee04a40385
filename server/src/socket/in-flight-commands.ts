import type { Result } from '#shared/protocol/errors.ts';
import type { Connection } from './connection/connection.ts';

/** A command that was received and is not answered yet. */
export interface InFlightCommand {
  readonly connection: Connection;
  readonly name: string;
  /** As the client sent it. */
  readonly input: unknown;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  readonly acknowledge: (reply: Result<unknown>) => void;
  isAnswered: boolean;
}

/** The commands in flight, oldest first: one sweep finds the late ones, so that no command needs a timer of its own. */
export function createInFlightCommands() {
  const commands = new Set<InFlightCommand>();
  const onEmpty = new Set<() => void>();

  return {
    get size(): number {
      return commands.size;
    },
    add(command: InFlightCommand): void {
      commands.add(command);
    },
    /** Marks a command as answered and removes it. */
    remove(command: InFlightCommand): void {
      command.isAnswered = true;
      commands.delete(command);
      if (commands.size === 0) for (const resolve of onEmpty) resolve();
    },
    /** The commands that started at or before a moment. */
    startedBy(atMs: number): InFlightCommand[] {
      const early: InFlightCommand[] = [];
      for (const command of commands) {
        if (command.startedMs > atMs) break;
        early.push(command);
      }
      return early;
    },
    /** Resolves when no command is in flight, at the latest after this time. */
    drained(withinMs: number): Promise<void> {
      if (commands.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          onEmpty.delete(done);
          resolve();
        };
        const timer = setTimeout(done, withinMs);
        onEmpty.add(done);
      });
    },
  };
}
