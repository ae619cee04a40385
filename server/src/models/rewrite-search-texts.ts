import type { AnyBulkWriteOperation } from 'mongodb';
import { SEARCH_TEXT_VERSION } from '#shared/text/search-text.ts';
import type { EventDoc } from './event.ts';
import { searchFieldsOf } from './event.ts';
import type { Models } from './models.ts';

const BATCH_SIZE = 500;

type TitleAndVenue = Pick<EventDoc, '_id' | 'title' | 'venue'>;

/**
 * Rewrites the search texts of events that were folded by other rules. Each event says by its version whether it is
 * done, so an interrupted run is continued by the next one, and several servers may run it at once.
 */
export async function rewriteSearchTexts({ events }: Pick<Models, 'events'>): Promise<number> {
  const outdated = { searchTextVersion: { $ne: SEARCH_TEXT_VERSION } };
  const found = events.collection.find<TitleAndVenue>(outdated, {
    projection: { title: 1, venue: 1 },
    batchSize: BATCH_SIZE,
  });
  let rewritten = 0;
  let batch: AnyBulkWriteOperation<EventDoc>[] = [];
  const write = async () => {
    if (batch.length === 0) return;
    rewritten += (await events.collection.bulkWrite(batch as never, { ordered: false })).modifiedCount;
    batch = [];
  };
  for await (const { _id, title, venue } of found) {
    // An organiser may change the title meanwhile: that edit writes a search text of its own.
    batch.push({ updateOne: { filter: { _id, title, venue }, update: { $set: searchFieldsOf({ title, venue }) } } });
    if (batch.length === BATCH_SIZE) await write();
  }
  await write();
  return rewritten;
}
