import type { SaleState } from './sale-state.ts';

/** What a screen reader hears of: the free seats of an event, and the state of its sale. */
interface AnnouncedSeats {
  availableSeats: number;
  sale: SaleState;
}

/**
 * The announcement of a change: the event is cancelled, or the free seats cross a threshold (10 or fewer left, 1 left,
 * none, some again). Null for any other change, and for seats that cannot be booked: of a cancelled event, or after its sale.
 */
export function seatAnnouncement(
  before: AnnouncedSeats,
  after: AnnouncedSeats,
): 'few' | 'sold_out' | 'back' | 'cancelled' | null {
  if (after.sale === 'cancelled') return before.sale === 'cancelled' ? null : 'cancelled';
  if (after.sale !== 'open' && after.sale !== 'sold_out') return null;
  return crossedThreshold(before.availableSeats, after.availableSeats);
}

function crossedThreshold(before: number, after: number): 'few' | 'sold_out' | 'back' | null {
  if (before > 0 && after === 0) return 'sold_out';
  if (before === 0 && after > 0) return 'back';
  if (before > 1 && after === 1) return 'few';
  return before > 10 && after <= 10 && after > 1 ? 'few' : null;
}
