import type { EngineOptions } from '#server/booking/engine/engine.ts';

/** A log that nobody reads. */
export const quiet: EngineOptions['log'] = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
};
