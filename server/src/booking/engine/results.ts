import { refuse } from '#shared/protocol/errors.ts';
import type { CommandResult, Decision } from '../rules/command.ts';

export const RETRY_AFTER_MS = 1_000;

export const NO_EVENT: CommandResult = { outcome: refuse('NOT_FOUND'), event: null };

export function resultsOf({ outcomes, event }: Decision): CommandResult[] {
  return outcomes.map((outcome) => ({ outcome, event }));
}

export function refuseForNow(code: 'BUSY' | 'UNAVAILABLE'): CommandResult {
  return { outcome: refuse(code, { retryAfterMs: RETRY_AFTER_MS }), event: null };
}
