import type { TextStorage } from '#lib/live/text-storage.ts';

const FIRST_PARTY = 2;

/** The number of seats someone chose for an event, kept over signing in; within 1 and `most`. */
export function chosenParty(storage: TextStorage, eventId: string, most: number): number {
  const chosen = Number(storage.getItem(key(eventId)) ?? FIRST_PARTY);
  return Number.isInteger(chosen) && chosen >= 1 ? Math.min(chosen, most) : Math.min(FIRST_PARTY, most);
}

export function keepParty(storage: TextStorage, eventId: string, seats: number): void {
  storage.setItem(key(eventId), String(seats));
}

function key(eventId: string): string {
  return `frontrow.party.${eventId}`;
}
