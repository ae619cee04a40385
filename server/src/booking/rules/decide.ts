import type { ProviderName } from '#shared/checkout.ts';
import { checkIn } from './check-in.ts';
import type { Command, Decision, Outcome } from './command.ts';
import { cancelEvent, changeImage, edit, recount } from './edit.ts';
import { cancel, expire, leave } from './give-back.ts';
import { acknowledgeMove } from './moves.ts';
import { revokeTicket, shareTicket } from './tickets/personal-tickets.ts';
import { cancelCheckout, checkout, declineCard, endCheckout, noteProcessing, settle } from './payments/pay.ts';
import { refundPart, retryRefund, updateRefund } from './payments/refund.ts';
import { acceptReversal, noteReversals } from './payments/reversal.ts';
import { adoptHold } from './provisional/adopt.ts';
import { book, changeHold, confirm } from './sell.ts';
import { BatchDraft } from './state/batch-draft.ts';
import type { BatchState } from './state/event-state.ts';
import { closeWaitlist, join } from './waitlist/join.ts';
import { offerSeats } from './waitlist/offer.ts';

/**
 * All rules of an event's seats: state and commands in, outcomes and changes out. Pure, synchronous and total: every
 * command gets exactly one outcome, in order, and a refused command never stands in the way of another.
 * `provider`: by which the server takes money; discounts are rounded to what it charges.
 * Free seats are offered to the waiting list before anything is sold. If the list is longer than what was loaded,
 * `outcomes` ends before the next sale: the engine serves the list to its end, and has the other commands decided then.
 */
export function decide(
  state: BatchState,
  commands: readonly Command[],
  now: Date,
  provider: ProviderName | null = null,
): Decision {
  const draft = new BatchDraft(state, now, provider);
  const outcomes: Outcome[] = [];
  let offerAfter = offerSeats(draft);
  let isBlocked = offerAfter !== null && !state.waitlist.isServed;
  let mayFreeSeats = false;
  for (const command of commands) {
    if (takesSeats(command) && mayFreeSeats) {
      offerAfter = offerSeats(draft);
      isBlocked = offerAfter !== null;
    }
    if (takesSeats(command) && isBlocked) return draft.finish(outcomes, offerAfter);
    // Only `book` can neither free seats nor enable a user to take an offer.
    mayFreeSeats = command.type !== 'book';
    outcomes.push(decideOne(draft, command));
  }
  return draft.finish(outcomes, offerSeats(draft));
}

/** Whether a command takes free seats, or depends on how many there are: the waiting list comes first. */
function takesSeats({ type }: Command): boolean {
  return type === 'book' || type === 'changeHold' || type === 'settle' || type === 'join';
}

function decideOne(draft: BatchDraft, command: Command): Outcome {
  switch (command.type) {
    case 'book':
      return book(draft, command);
    case 'adoptHold':
      return adoptHold(draft, command);
    case 'changeHold':
      return changeHold(draft, command);
    case 'confirm':
      return confirm(draft, command);
    case 'checkout':
      return checkout(draft, command);
    case 'cancelCheckout':
      return cancelCheckout(draft, command);
    case 'settle':
      return settle(draft, command);
    case 'endCheckout':
      return endCheckout(draft, command);
    case 'noteProcessing':
      return noteProcessing(draft, command);
    case 'declineCard':
      return declineCard(draft, command);
    case 'refundPart':
      return refundPart(draft, command);
    case 'updateRefund':
      return updateRefund(draft, command);
    case 'retryRefund':
      return retryRefund(draft, command);
    case 'noteReversals':
      return noteReversals(draft, command);
    case 'acceptReversal':
      return acceptReversal(draft, command);
    case 'cancel':
      return cancel(draft, command);
    case 'checkIn':
      return checkIn(draft, command);
    case 'shareTicket':
      return shareTicket(draft, command);
    case 'revokeTicket':
      return revokeTicket(draft, command);
    case 'expire':
      return expire(draft, command);
    case 'join':
      return join(draft, command);
    case 'leave':
      return leave(draft, command);
    case 'acknowledgeMove':
      return acknowledgeMove(draft, command);
    default:
      return decideOnEvent(draft, command);
  }
}

type EventCommand = Extract<
  Command,
  { type: 'offer' | 'closeWaitlist' | 'edit' | 'changeImage' | 'cancelEvent' | 'recount' }
>;

/** Commands about the event itself, or its whole waiting list. */
function decideOnEvent(draft: BatchDraft, command: EventCommand): Outcome {
  switch (command.type) {
    case 'offer':
      return { ok: true, event: true };
    case 'closeWaitlist':
      return closeWaitlist(draft, command);
    case 'edit':
      return edit(draft, command);
    case 'changeImage':
      return changeImage(draft, command);
    case 'cancelEvent':
      return cancelEvent(draft, command);
    case 'recount':
      return recount(draft, command);
    default:
      return command satisfies never;
  }
}
