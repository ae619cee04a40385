import type { Command, Decision, Outcome } from './command.ts';
import { cancelEvent, edit } from './edit.ts';
import type { State } from './event-state.ts';
import { cancel, expire, leave } from './give-back.ts';
import { offerSeats } from './offer.ts';
import { book, changeHold, confirm, settle } from './sell.ts';
import { closeList, join } from './wait.ts';
import { Work } from './work.ts';

/**
 * All rules of an event's seats: state and commands in, outcomes and changes out. Pure, synchronous and total:
 * every command gets exactly one outcome, in order, and one that cannot be met never stands in another's way.
 * Free seats go to those who wait before anything is sold, and again with what the commands give back; where the list
 * is too long for one batch, the commands are deferred to the next.
 */
export function decide(state: State, commands: readonly Command[], now: Date): Decision {
  const work = new Work(state, now);
  const first = offerSeats(work);
  if (first !== null) return work.finish([], { offerAfter: first, deferred: true });
  const outcomes = commands.map((command) => decideOne(work, command));
  return work.finish(outcomes, { offerAfter: offerSeats(work), deferred: false });
}

function decideOne(work: Work, command: Command): Outcome {
  switch (command.type) {
    case 'book':
      return book(work, command);
    case 'changeHold':
      return changeHold(work, command);
    case 'confirm':
      return confirm(work, command);
    case 'settle':
      return settle(work, command);
    case 'cancel':
      return cancel(work, command);
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
    default:
      return command satisfies never;
  }
}
