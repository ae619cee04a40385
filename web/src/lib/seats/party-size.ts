import type { TextStorage } from '#lib/live/text-storage.ts';

const DEFAULT_PARTY_SIZE = 2;

/** The number of seats someone chose for an event, kept over signing in; within 1 and `most`. */
export function keptPartySize(storage: TextStorage, eventId: string, most: number): number {
  const chosen = Number(storage.getItem(key(eventId)) ?? DEFAULT_PARTY_SIZE);
  return Number.isInteger(chosen) && chosen >= 1 ? Math.min(chosen, most) : Math.min(DEFAULT_PARTY_SIZE, most);
}

export function keepPartySize(storage: TextStorage, eventId: string, seats: number): void {
  storage.setItem(key(eventId), String(seats));
}

function key(eventId: string): string {
  return `frontrow.party.${eventId}`;
}
