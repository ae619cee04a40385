import type { TextStorage } from '#lib/live/text-storage.ts';
import type { ChosenCounts } from './choice.ts';

/** The tickets chosen for an event, kept while the visitor signs in and over a reload; null without a choice. */
export function keptChoice(storage: TextStorage, eventId: string): ChosenCounts | null {
  try {
    const kept: unknown = JSON.parse(storage.getItem(storageKey(eventId)) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    return Object.fromEntries(Object.entries(kept).filter(([, count]) => Number.isInteger(count) && Number(count) > 0));
  } catch {
    return null;
  }
}

/** Keeps the tickets chosen for an event. */
export function keepChoice(storage: TextStorage, eventId: string, counts: ChosenCounts): void {
  storage.setItem(storageKey(eventId), JSON.stringify(counts));
}

function storageKey(eventId: string): string {
  return `frontrow.tickets.${eventId}`;
}
