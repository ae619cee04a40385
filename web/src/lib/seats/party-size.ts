import type { TextStorage } from '#lib/live/text-storage.ts';

const DEFAULT_PARTY_SIZE = 2;

/** The party size chosen for an event, kept while the visitor signs in; from 1 to `most`, 2 without a choice. */
export function keptPartySize(storage: TextStorage, eventId: string, most: number): number {
  const chosen = Number(storage.getItem(storageKey(eventId)) ?? DEFAULT_PARTY_SIZE);
  return Number.isInteger(chosen) && chosen >= 1 ? Math.min(chosen, most) : Math.min(DEFAULT_PARTY_SIZE, most);
}

/** Keeps the party size chosen for an event. */
export function keepPartySize(storage: TextStorage, eventId: string, seats: number): void {
  storage.setItem(storageKey(eventId), String(seats));
}

function storageKey(eventId: string): string {
  return `frontrow.party.${eventId}`;
}
