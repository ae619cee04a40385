import type { Log } from '#server/log.ts';

/** A log that discards every line. */
export const quiet: Log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
};
