import { dropCollection, dropIndexes } from '../leftovers.ts';
import type { Migration } from '../migration.ts';
import { markSamples } from './mark-samples.ts';
import { rewriteSearchTexts } from './search-texts.ts';

/** Indexes of versions without a number, by collection. */
const OBSOLETE = {
  events: ['status_1_startsAt_1__id_1', 'startsAt_1__id_1'],
  bookings: ['eventId_1__id_-1', 'userId_1_requestId_1'],
  waitlist: ['eventId_1_status_1_place_1'],
  jobs: ['state_1_nextAt_1'],
};

/** From what versions without a number stored to the first numbered version. */
export const firstNumbered: Migration = {
  version: 1,
  title: 'Number the versions of the database',
  compatibleFrom: 0,
  parts: [rewriteSearchTexts, markSamples, dropIndexes(OBSOLETE), dropCollection('userSeats')],
};
