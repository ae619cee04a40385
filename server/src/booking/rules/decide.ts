import { checkIn } from './check-in.ts';
import type { Command, Decision, Outcome } from './command.ts';
import { cancelEvent, edit, recount } from './edit.ts';
import type { State } from './state/event-state.ts';
import { cancel, expire, leave } from './give-back.ts';
import { offerSeats } from './waitlist/offer.ts';
import { checkout, declined, retract, settle, unpaid } from './payments/pay.ts';
import { refundAgain, refundMoved, refundPart } from './payments/refund.ts';
import { book, changeHold, confirm } from './sell.ts';
import { closeList, join } from './waitlist/join.ts';
import { Work } from './state/batch-draft.ts';

/**
 * All rules of an event's seats: state and commands in, outcomes and changes out. Pure, synchronous and total: every
 * command gets exactly one outcome, in order, and one that cannot be met never stands in another's way.
 * Seats that are free or come back go to those who wait before anything is sold. Where their list is longer than what
 * was loaded, `outcomes` ends before the next sale: the list is served to its end first, then the rest is decided.
 */
export function decide(state: State, commands: readonly Command[], now: Date): Decision {
  const work = new Work(state, now);
  const outcomes: Outcome[] = [];
  let offerAfter = offerSeats(work);
  let blocked = offerAfter !== null && !state.waiting.served;
  let changed = false;
  for (const command of commands) {
    if (sells(command) && changed) {
      offerAfter = offerSeats(work);
      blocked = offerAfter !== null;
    }
    if (sells(command) && blocked) return work.finish(outcomes, offerAfter);
    // Only a booking can neither give seats back nor let somebody take an offer.
    changed = command.type !== 'book';
    outcomes.push(decideOne(work, command));
  }
  return work.finish(outcomes, offerSeats(work));
}

/** Whether a command takes free seats or asks for them: those who wait come before it. */
function sells({ type }: Command): boolean {
  return type === 'book' || type === 'changeHold' || type === 'settle' || type === 'join';
}

function decideOne(work: Work, command: Command): Outcome {
  switch (command.type) {
    case 'book':
      return book(work, command);
    case 'changeHold':
      return changeHold(work, command);
    case 'confirm':
      return confirm(work, command);
    case 'checkout':
      return checkout(work, command);
    case 'retract':
      return retract(work, command);
    case 'settle':
      return settle(work, command);
    case 'unpaid':
      return unpaid(work, command);
    case 'declined':
      return declined(work, command);
    case 'refundPart':
      return refundPart(work, command);
    case 'refundMoved':
      return refundMoved(work, command);
    case 'refundAgain':
      return refundAgain(work, command);
    case 'cancel':
      return cancel(work, command);
    case 'checkIn':
      return checkIn(work, command);
    case 'expire':
      return expire(work, command);
    case 'join':
      return join(work, command);
    case 'leave':
      return leave(work, command);
    case 'offer':
      return { ok: true, event: true };
    case 'closeList':
      return closeList(work, command);
    case 'edit':
      return edit(work, command);
    case 'cancelEvent':
      return cancelEvent(work, command);
    case 'recount':
      return recount(work, command);
    default:
      return command satisfies never;
  }
}
