import { m } from '#lib/paraglide/messages.js';

/** Where a party stands in line, as one says it: "You are third in line for 2 seats"; by number from the eleventh on. */
export function positionInWords(position: number | null, seats: number): string {
  if (position === null) return m.waitlist_title_no_position({ count: seats });
  const ordinal = m.waitlist_ordinals().split(', ')[position - 1];
  if (ordinal === undefined) return m.waitlist_title_number({ position, count: seats });
  return m.waitlist_title({ ordinal, count: seats });
}
