import type { Result } from '#shared/protocol/errors.ts';
import type { Connection } from './connection/connection.ts';

/** One command between its arrival and its one answer. */
export interface InFlightCommand {
  readonly connection: Connection;
  readonly command: string;
  readonly startedMs: number;
  readonly acknowledge: (reply: Result<unknown>) => void;
  answered: boolean;
}

export type InFlightCommands = ReturnType<typeof createInFlightCommands>;

/** The commands in work, oldest first: one sweep finds the late ones, so that no command needs a timer of its own. */
export function createInFlightCommands() {
  const open = new Set<InFlightCommand>();
  const waiting = new Set<() => void>();

  return {
    get size(): number {
      return open.size;
    },
    add(work: InFlightCommand): void {
      open.add(work);
    },
    /** Marks a work as answered; false when it already was. */
    finish(work: InFlightCommand): boolean {
      if (work.answered) return false;
      work.answered = true;
      open.delete(work);
      if (open.size === 0) for (const done of waiting) done();
      return true;
    },
    /** The works begun at or before a moment. */
    startedBy(atMs: number): InFlightCommand[] {
      const late: InFlightCommand[] = [];
      for (const work of open) {
        if (work.startedMs > atMs) break;
        late.push(work);
      }
      return late;
    },
    /** Resolves when nothing is in work, or when the time is over. */
    drained(withinMs: number): Promise<void> {
      if (open.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, withinMs);
        waiting.add(done);
      });
    },
  };
}
