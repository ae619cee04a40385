import { expect, it, onTestFinished } from 'vitest';
import { SEARCH_TEXT_VERSION } from '#shared/text/search-text.ts';
import type { EventPage } from '#shared/event.ts';
import { databaseOf } from '../../../test/support/database/test-database.ts';
import { quiet } from '../../../test/support/quiet.ts';
import { eventInput, testApp } from '../../../test/support/test-app.ts';
import { rewriteSearchTexts } from './search-texts.ts';

/** A server whose events have search texts in the first format, which had no version. */
async function withOldTexts(titles: string[]) {
  const app = await testApp({ onTestFinished });
  const admin = await app.admin();
  const { events } = app.app.models;
  for (const title of titles) await admin.must('createEvent', eventInput({ title }));
  const old = { $set: { searchText: 'łodz\nalte schlosserei' }, $unset: { searchTextVersion: 1 } };
  await events.collection.updateMany({}, old as never);
  const { models } = app.app;
  const context = { database: databaseOf(models.events.db), models, log: quiet, batchSize: 7, position: null };
  return {
    app,
    models,
    outdated: () => events.countDocuments({ searchText: /^ł/ }),
    rewrite: () =>
      rewriteSearchTexts.run({ ...context, assertHeld: () => undefined, savePosition: async () => undefined }),
  };
}

it('a start rewrites search texts of an earlier version, so that searches find their events', async () => {
  const { app } = await withOldTexts(['Łódź', 'Ægir', 'Jazz']);
  const titles = async (query: string) => {
    const { events } = (await (await app.get(`/api/events?query=${query}`)).json()) as EventPage;
    return events.map(({ title }) => title);
  };
  // The server learns of changes by others from its change feed.
  await expect.poll(() => titles('lodz'), { timeout: 20_000 }).toEqual([]);
  await testApp({ onTestFinished }, { mongoUri: app.mongoUri });
  const both = async () => [await titles('lodz'), await titles('aegir')];
  await expect.poll(both, { timeout: 20_000 }).toEqual([['Łódź'], ['Ægir']]);
});

it('rewriting search texts leaves those of this version as they are, and a repeat changes nothing', async () => {
  const { models, rewrite } = await withOldTexts(['Łódź 1', 'Łódź 2', 'Łódź 3']);
  const [first] = await models.events.find().sort({ _id: 1 });
  await first?.updateOne({ $set: { searchText: 'done', searchTextVersion: SEARCH_TEXT_VERSION } });
  await rewrite();
  const texts = async () => (await models.events.find().sort({ _id: 1 })).map((event) => event.searchText);
  expect(await texts()).toEqual(['done', 'lodz 2\nalte schlosserei', 'lodz 3\nalte schlosserei']);
  await rewrite();
  expect(await texts()).toEqual(['done', 'lodz 2\nalte schlosserei', 'lodz 3\nalte schlosserei']);
});

it('two servers that rewrite search texts at once leave none out', async () => {
  const { rewrite, outdated } = await withOldTexts(Array.from({ length: 40 }, (_, index) => `Łódź ${index}`));
  await Promise.all([rewrite(), rewrite()]);
  expect(await outdated()).toBe(0);
});
