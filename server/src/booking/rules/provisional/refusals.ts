import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { LineItem } from '../state/booking-state.ts';
import type { EventState } from '../state/event-state.ts';
import { totalOf } from '../tickets/line-items.ts';

/** Of an event's seats, the part that accounts without a proved address may hold together: one in so many. */
const PROVISIONAL_SHARE = 10;

/** Seats of an event that provisional accounts may hold together: a tenth, and at least those of one booking. */
function mostProvisionalSeats({ counters, settings }: Pick<EventState, 'counters' | 'settings'>): number {
  return Math.max(Math.floor(counters.totalSeats / PROVISIONAL_SHARE), settings.maxSeatsPerBooking);
}

/** Refuses tickets that cost nothing: they would be confirmed at once, for a buyer without a mail address. */
export function provisionalFreeRefusal(tickets: readonly LineItem[]): Refusal | null {
  return totalOf(tickets).amount > 0 ? null : addressNeeded('free');
}

/** Why a provisional account cannot hold these tickets: `INVALID_STATE`. `heldSeats`: what such accounts hold already. */
export function provisionalHoldRefusal(
  { tickets, seats }: { tickets: readonly LineItem[]; seats: number },
  { event, heldSeats }: { event: EventState; heldSeats: number },
): Refusal | null {
  return provisionalFreeRefusal(tickets) ?? provisionalSeatsRefusal(seats, { event, heldSeats });
}

/** `heldSeats`: seats that provisional accounts hold already, without the ones that are wanted. */
export function provisionalSeatsRefusal(
  seats: number,
  { event, heldSeats }: { event: EventState; heldSeats: number },
): Refusal | null {
  return heldSeats + seats > mostProvisionalSeats(event) ? addressNeeded('seats') : null;
}

/** The same command of an account with a proved address may succeed. */
function addressNeeded(reason: 'free' | 'seats'): Refusal {
  return refuse('INVALID_STATE', { details: { provisional: true, reason } }).error;
}
