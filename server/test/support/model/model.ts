import type { Command } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { DONE, refused } from './answer.ts';
import { answer, join, serve } from './line.ts';
import { callOff, edit } from './organise.ts';
import { checkout, expire, settle, unpaid } from './money.ts';
import { book, cancel, changeHold, checkIn, confirm, leave } from './seats.ts';
import type { ModelBooking, ModelState } from './state.ts';
import { closesAt } from './state.ts';

// The contract's rules a second time, in the plainest form: one command after the other on lists that are counted anew
// each time. It shares no code with `decide`: where the two disagree, one of them is wrong. States are changed in place.

/** What a batch has to answer, in order: the line is served before each sale and when all is done. */
export function playBatch(state: ModelState, commands: readonly Command[], now: number): Answer[] {
  serve(state, now);
  const answers = commands.map((command) => {
    if (isSale(command)) serve(state, now);
    return play(state, command, now);
  });
  serve(state, now);
  return answers;
}

/** Commands that take seats or ask for them: whoever waits comes first. */
export function isSale({ type }: Command): boolean {
  return type === 'book' || type === 'join' || type === 'changeHold' || type === 'settle';
}

/** One command; `bookingId` is the model's name of a booking. */
export function play(state: ModelState, command: Command, now: number): Answer {
  switch (command.type) {
    case 'book':
      return book(state, command, now);
    case 'join':
      return join(state, command, now);
    case 'leave':
      return leave(state, command, now);
    case 'cancelEvent':
      return callOff(state);
    case 'closeWaitlist':
      if (state.settings.status === 'cancelled' || now >= closesAt(state)) {
        for (const party of [...state.line]) answer(state, party, 'closed');
      }
      return DONE;
    case 'edit':
      return edit(state, command, now);
    case 'offer':
    case 'recount':
      return DONE;
    case 'cancelCheckout':
    case 'declineCard':
    case 'refundPart':
    case 'updateRefund':
    case 'retryRefund':
      throw new Error(`The model knows no ${command.type}`);
    default:
      return playOn(
        state,
        state.bookings.find(({ key }) => key === command.bookingId),
        command,
        now,
      );
  }
}

type Name = 'changeHold' | 'confirm' | 'checkout' | 'settle' | 'endCheckout' | 'cancel' | 'checkIn' | 'expire';
type Named = Extract<Command, { type: Name }>;

function playOn(state: ModelState, booking: ModelBooking | undefined, command: Named, now: number): Answer {
  if (!booking) return refused('NOT_FOUND');
  switch (command.type) {
    case 'changeHold':
      return changeHold(state, booking, command, now);
    case 'confirm':
      return confirm(state, booking, now);
    case 'settle':
      return settle(state, booking, command, now);
    case 'checkout':
      return checkout(state, booking, command, now);
    case 'endCheckout':
      return unpaid(state, booking, command, now);
    case 'cancel':
      return cancel(state, booking, command, now);
    case 'checkIn':
      return checkIn(state, booking, command);
    case 'expire':
      return expire(state, booking, now);
    default:
      return command satisfies never;
  }
}
