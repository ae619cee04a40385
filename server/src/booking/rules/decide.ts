import { checkIn } from './check-in.ts';
import type { Command, Decision, Outcome } from './command.ts';
import { cancelEvent, edit, recount } from './edit.ts';
import type { BatchState } from './state/event-state.ts';
import { cancel, expire, leave } from './give-back.ts';
import { offerSeats } from './waitlist/offer.ts';
import { checkout, declined, cancelCheckout, settle, unpaid } from './payments/pay.ts';
import { refundAgain, refundMoved, refundPart } from './payments/refund.ts';
import { book, changeHold, confirm } from './sell.ts';
import { closeWaitlist, join } from './waitlist/join.ts';
import { BatchDraft } from './state/batch-draft.ts';

/**
 * All rules of an event's seats: state and commands in, outcomes and changes out. Pure, synchronous and total: every
 * command gets exactly one outcome, in order, and one that cannot be met never stands in another's way.
 * Seats that are free or come back go to those who wait before anything is sold. Where their list is longer than what
 * was loaded, `outcomes` ends before the next sale: the list is served to its end first, then the rest is decided.
 */
export function decide(state: BatchState, commands: readonly Command[], now: Date): Decision {
  const draft = new BatchDraft(state, now);
  const outcomes: Outcome[] = [];
  let offerAfter = offerSeats(draft);
  let blocked = offerAfter !== null && !state.waitlist.isServed;
  let changed = false;
  for (const command of commands) {
    if (takesSeats(command) && changed) {
      offerAfter = offerSeats(draft);
      blocked = offerAfter !== null;
    }
    if (takesSeats(command) && blocked) return draft.finish(outcomes, offerAfter);
    // Only a booking can neither give seats back nor let somebody take an offer.
    changed = command.type !== 'book';
    outcomes.push(decideOne(draft, command));
  }
  return draft.finish(outcomes, offerSeats(draft));
}

/** Whether a command takes free seats or asks for them: those who wait come before it. */
function takesSeats({ type }: Command): boolean {
  return type === 'book' || type === 'changeHold' || type === 'settle' || type === 'join';
}

function decideOne(draft: BatchDraft, command: Command): Outcome {
  switch (command.type) {
    case 'book':
      return book(draft, command);
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
    case 'unpaid':
      return unpaid(draft, command);
    case 'declined':
      return declined(draft, command);
    case 'refundPart':
      return refundPart(draft, command);
    case 'refundMoved':
      return refundMoved(draft, command);
    case 'refundAgain':
      return refundAgain(draft, command);
    case 'cancel':
      return cancel(draft, command);
    case 'checkIn':
      return checkIn(draft, command);
    case 'expire':
      return expire(draft, command);
    case 'join':
      return join(draft, command);
    case 'leave':
      return leave(draft, command);
    case 'offer':
      return { ok: true, event: true };
    case 'closeWaitlist':
      return closeWaitlist(draft, command);
    case 'edit':
      return edit(draft, command);
    case 'cancelEvent':
      return cancelEvent(draft, command);
    case 'recount':
      return recount(draft, command);
    default:
      return command satisfies never;
  }
}
