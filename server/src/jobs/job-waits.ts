import type { Refusal } from '#shared/protocol/errors.ts';

/**
 * Thrown by a handler whose job cannot go on yet, because another system or an event's queue has not finished: the job
 * is postponed like a failed one, and only its first postponement is logged, in one line.
 */
export class JobWaits extends Error {
  override name = 'JobWaits';
}

/** The error for a job whose command was refused; a busy queue, or a database that cannot commit now, is waited for. */
export function queueRefused({ code, details = {} }: Refusal): Error {
  const message = `The event's queue refused with ${code} ${JSON.stringify(details)}`;
  return code === 'BUSY' || code === 'UNAVAILABLE' ? new JobWaits(message) : new Error(message);
}
