import { m } from '#lib/paraglide/messages.js';

/** The position of a waitlist entry in words: "You are third in line for 2 seats"; in digits after the tenth. */
export function positionInWords(position: number | null, seats: number): string {
  if (position === null) return m.waitlist_title_no_position({ count: seats });
  const ordinal = m.waitlist_ordinals().split(', ')[position - 1];
  if (ordinal === undefined) return m.waitlist_title_number({ position, count: seats });
  return m.waitlist_title({ ordinal, count: seats });
}

/** The position of a waitlist entry on the card of its event: "You wait, 2nd". */
export function positionInShort(position: number | null): string {
  return position === null ? m.card_waiting() : m.card_waiting_at({ position });
}
