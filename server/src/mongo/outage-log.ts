import type { LogFn, Logger } from 'pino';
import { isTransient } from './transient.ts';

/** A failure is logged for the second time after this time, and then after twice as long each time. */
const FIRST_REPEAT_MS = 10_000;
const LONGEST_REPEAT_MS = 600_000;
/** An outage is over once the database answers and nothing has failed for this long. */
const QUIET_MS = 10_000;

/** What has failed during an outage, by its log message. */
interface FailureKind {
  loggedMs: number;
  repeatMs: number;
  /** Failures since the last line. */
  unlogged: number;
}

interface OutageLogOptions {
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** Called at the end of an outage, with its length and the number of failures. */
  over(outage: { seconds: number; failures: number }): void;
}

type LogArguments = Parameters<LogFn>;

/**
 * Keeps an outage of the database from filling the log: whatever fails again and again because of it is logged once in
 * full, then in one line without the error's stack at growing intervals.
 */
export function createOutageLog({ monotonic, over }: OutageLogOptions) {
  const kinds = new Map<string, FailureKind>();
  let beganMs = 0;
  let failedMs = 0;
  let failures = 0;

  /** The line to be written for a failure; null if it is only counted. */
  function lineOf(fields: { err: Error }, message: string): LogArguments | null {
    const nowMs = monotonic();
    if (kinds.size === 0) [beganMs, failures] = [nowMs, 0];
    failedMs = nowMs;
    failures += 1;
    const kind = kinds.get(message);
    if (!kind) {
      kinds.set(message, { loggedMs: nowMs, repeatMs: FIRST_REPEAT_MS, unlogged: 0 });
      return [fields, message];
    }
    kind.unlogged += 1;
    if (nowMs - kind.loggedMs < kind.repeatMs) return null;
    const { err, ...others } = fields;
    const line: LogArguments = [{ ...others, error: err.message, times: kind.unlogged }, message];
    Object.assign(kind, { loggedMs: nowMs, repeatMs: Math.min(2 * kind.repeatMs, LONGEST_REPEAT_MS), unlogged: 0 });
    return line;
  }

  return {
    /** A hook of pino, for all its loggers and their children. */
    logMethod(this: Logger, args: LogArguments, method: LogFn): void {
      const [fields, message] = args;
      const line = isFailure(fields) && typeof message === 'string' ? lineOf(fields, message) : args;
      if (line) method.apply(this, line);
    },
    /** To be called whenever the database has answered. */
    databaseAnswers(): void {
      if (kinds.size === 0 || monotonic() - failedMs < QUIET_MS) return;
      kinds.clear();
      over({ seconds: Math.round((failedMs - beganMs) / 1_000), failures });
    },
  };
}

function isFailure(fields: unknown): fields is { err: Error } {
  const error: unknown = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : null;
  return error instanceof Error && isTransient(error);
}
