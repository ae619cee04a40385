import { positionInShort } from '#lib/format/position.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

/** What the reader has of an event, for its card: "You have 2 seats · You wait, 2nd"; null if nothing. */
export function ownWords({ bookings, waitlist }: Pick<Live, 'bookings' | 'waitlist'>, eventId: string): string | null {
  const mine = bookings.ofEvent(eventId);
  const held = mine.find(({ status }) => status === 'held');
  const count = mine.reduce((sum, { status, seats }) => sum + (status === 'confirmed' ? seats : 0), 0);
  const entry = waitlist.ofEvent(eventId);
  const words = [
    ...(count > 0 ? [m.ticket_title({ count })] : []),
    ...(held
      ? [held.source === 'waitlist' ? m.offer_short({ count: held.seats }) : m.held_title({ count: held.seats })]
      : []),
    ...(entry?.status === 'waiting' ? [positionInShort(entry.position)] : []),
  ];
  return words.length > 0 ? words.join('\u00a0· ') : null;
}
