import type { Db, Document } from 'mongodb';
import type { Stored } from './kept-data.ts';

/** Fields that versions without a number stored only later, or never, by collection. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  events: ['moves', 'searchTextVersion', 'sample'],
  bookings: ['movesSeenAt', 'reasons'],
  payments: ['processing', 'declinedAt', 'isReversed', 'isTooSmall'],
  sessions: ['device', 'lastSeenAt'],
};

/** The documents of version 1 as the first version without a number would have stored them. */
export function asUnnumbered(stored: readonly Stored[]): Stored[] {
  return stored
    .filter(({ collection }) => collection !== 'meta' && collection !== 'rateCounts')
    .map(({ collection, doc }) => {
      const later = LATER[collection] ?? [];
      const kept: Document = Object.fromEntries(Object.entries(doc).filter(([name]) => !later.includes(name)));
      if (collection === 'events') kept['searchText'] = `${String(doc['title'])} by other rules`;
      return { collection, doc: kept };
    });
}

/** The indexes and collections of the first versions that no later one reads. */
export async function addObsolete(database: Db): Promise<void> {
  await database.collection('events').createIndex({ status: 1, startsAt: 1, _id: 1 });
  await database.collection('events').createIndex({ startsAt: 1, _id: 1 });
  await database.collection('bookings').createIndex({ eventId: 1, _id: -1 });
  await database.collection('jobs').createIndex({ state: 1, nextAt: 1 });
  await database.collection('userSeats').insertOne({ seats: 2 });
}
