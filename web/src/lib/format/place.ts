import { m } from '#lib/paraglide/messages.js';

/** Where a party stands in line, as one says it: "You are third in line for 2 seats"; by number from the eleventh on. */
export function placeInWords(position: number | null, seats: number): string {
  if (position === null) return m.waiting_title_unplaced({ count: seats });
  const place = m.places().split(', ')[position - 1];
  if (place === undefined) return m.waiting_title_number({ position, count: seats });
  return m.waiting_title({ place, count: seats });
}
