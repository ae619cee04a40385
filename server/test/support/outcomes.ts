import type { CommandResult, Outcome } from '#server/booking/rules/command.ts';
import type { BookingState } from '#server/booking/rules/state/booking-state.ts';
import type { WaitlistEntryState } from '#server/booking/rules/waitlist/entry-state.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';

/** What the rules, the engine or a command of a client answered. */
type Answer = Outcome | CommandResult | Result<unknown> | undefined;

/** Codes of refusals after which a client sends the same request again. */
export const RETRYABLE: readonly string[] = ['UNAVAILABLE', 'BUSY'];

function outcomeOf(answer: Answer): Outcome | Result<unknown> | undefined {
  return answer && 'outcome' in answer ? answer.outcome : answer;
}

/** The refusal; undefined if there is none. */
export function errorOf(answer: Answer): Refusal | undefined {
  const outcome = outcomeOf(answer);
  return outcome?.ok === false ? outcome.error : undefined;
}

/** The code of the refusal, or `ok`. */
export function codeOf(answer: Answer): string {
  return errorOf(answer)?.code ?? 'ok';
}

/** The booking of an outcome; throws if it has none. */
export function bookingOf(answer: Outcome | CommandResult | undefined): BookingState {
  const outcome = outcomeOf(answer);
  if (!outcome?.ok || !('booking' in outcome)) throw new Error(`No booking: ${JSON.stringify(outcome)}`);
  return outcome.booking;
}

/** The waitlist entry of an outcome; throws if it has none. */
export function entryOf(answer: Outcome | CommandResult | undefined): WaitlistEntryState {
  const outcome = outcomeOf(answer);
  if (!outcome?.ok || !('waitlistEntry' in outcome)) throw new Error(`No entry: ${JSON.stringify(outcome)}`);
  return outcome.waitlistEntry;
}
