import type { Command } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { DONE } from './answer.ts';
import { answer, join, serve } from './waitlist.ts';
import { cancelEvent, edit } from './edit-event.ts';
import { checkout, expire, settle, endCheckout } from './payments.ts';
import { book, cancel, changeHold, checkIn, confirm, leave, onNoBooking } from './seats.ts';
import { revokeOne, shareOne } from './own-tickets.ts';
import { adopt } from './provisional.ts';
import type { ModelBooking, ModelState } from './state.ts';
import { closesAt } from './state.ts';

// A second implementation of the rules in PROTOCOL.md in the plainest form: one command at a time, on lists that are
// counted anew. The model shares no code with `decide`: a difference is a bug in one of them. States change in place.

/** The answers to a batch, in order: the waiting list is served before each sale and after the last command. */
export function playBatch(state: ModelState, commands: readonly Command[], now: number): Answer[] {
  serve(state, now);
  const answers = commands.map((command) => {
    if (isSale(command)) serve(state, now);
    return play(state, command, now);
  });
  serve(state, now);
  return answers;
}

/** Commands that take or request seats: the waiting list comes before them. */
export function isSale({ type }: Command): boolean {
  return type === 'book' || type === 'join' || type === 'changeHold' || type === 'settle';
}

/** Applies one command; its `bookingId` is the model's key of a booking. */
export function play(state: ModelState, command: Command, now: number): Answer {
  switch (command.type) {
    case 'book':
      return book(state, command, now);
    case 'join':
      return join(state, command, now);
    case 'leave':
      return leave(state, command, now);
    case 'cancelEvent':
      return cancelEvent(state);
    case 'closeWaitlist':
      if (state.settings.status === 'cancelled' || now >= closesAt(state)) {
        for (const entry of [...state.waiting]) answer(state, entry, 'closed');
      }
      return DONE;
    case 'edit':
      return edit(state, command, now);
    case 'offer':
    case 'recount':
      return DONE;
    case 'cancelCheckout':
    case 'noteProcessing':
    case 'declineCard':
    case 'refundPart':
    case 'updateRefund':
    case 'retryRefund':
    case 'noteReversals':
    case 'acceptReversal':
    case 'acknowledgeMove':
    case 'changeImage':
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

type Name =
  | 'adoptHold'
  | 'changeHold'
  | 'confirm'
  | 'checkout'
  | 'settle'
  | 'endCheckout'
  | 'cancel'
  | 'checkIn'
  | 'shareTicket'
  | 'revokeTicket'
  | 'expire';
type Named = Extract<Command, { type: Name }>;

function playOn(state: ModelState, booking: ModelBooking | undefined, command: Named, now: number): Answer {
  if (!booking) return onNoBooking(state, command);
  switch (command.type) {
    case 'adoptHold':
      return adopt(state, booking, command, now);
    case 'changeHold':
      return changeHold(state, booking, command, now);
    case 'confirm':
      return confirm(state, booking, now);
    case 'settle':
      return settle(state, booking, command, now);
    case 'checkout':
      return checkout(state, booking, command, now);
    case 'endCheckout':
      return endCheckout(state, booking, command, now);
    case 'cancel':
      return cancel(state, booking, command, now);
    case 'checkIn':
      return checkIn(state, booking, command);
    case 'shareTicket':
      return shareOne(state, booking, command);
    case 'revokeTicket':
      return revokeOne(state, booking, command);
    case 'expire':
      return expire(state, booking, now);
    default:
      return command satisfies never;
  }
}
