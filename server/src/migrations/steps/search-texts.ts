import type { EventDoc } from '#server/models/event.ts';
import { searchFieldsOf } from '#server/models/event.ts';
import { SEARCH_TEXT_VERSION } from '#shared/text/search-text.ts';
import { changeInBatches } from '../batches.ts';

/**
 * Rewrites the search texts of events that were folded by other rules. A server of an earlier version goes on writing
 * those of its own rules, so later starts repeat it.
 */
export const rewriteSearchTexts = changeInBatches<EventDoc>({
  name: 'Rewrite search texts',
  collection: 'events',
  outstanding: { searchTextVersion: { $ne: SEARCH_TEXT_VERSION } },
  fields: ['title', 'venue', 'category', 'city', 'organiser', 'tags', 'revision'],
  isRepeated: true,
  // An organiser may change the title meanwhile: that edit writes a search text of its own.
  change: ({ title, venue, revision, ...event }) => ({
    guard: { title, venue, revision },
    update: { $set: searchFieldsOf({ title, venue, ...event }) },
  }),
});
