import { expect, it, onTestFinished } from 'vitest';
import { SEARCH_TEXT_VERSION } from '#shared/text/search-text.ts';
import type { EventPage } from '#shared/event.ts';
import { eventInput, testApp } from '../../test/support/test-app.ts';
import { rewriteSearchTexts } from './rewrite-search-texts.ts';

/** A server whose events have search texts in the first format, which had no version. */
async function withOldTexts(titles: string[]) {
  const app = await testApp({ onTestFinished });
  const admin = await app.admin();
  const { events } = app.app.models;
  for (const title of titles) await admin.must('createEvent', eventInput({ title }));
  const old = { $set: { searchText: 'łodz\nalte schlosserei' }, $unset: { searchTextVersion: 1 } };
  await events.collection.updateMany({}, old as never);
  return { app, admin, models: app.app.models, outdated: () => events.countDocuments({ searchText: /^ł/ }) };
}

it('a start rewrites search texts of an earlier version, so that searches find their events', async () => {
  const { app } = await withOldTexts(['Łódź', 'Ægir', 'Jazz']);
  const titles = async (query: string) => {
    const { events } = (await (await app.get(`/api/events?query=${query}`)).json()) as EventPage;
    return events.map(({ title }) => title);
  };
  // The server learns of changes by others from its change feed.
  await expect.poll(() => titles('lodz')).toEqual([]);
  await testApp({ onTestFinished }, { mongoUri: app.mongoUri });
  await expect.poll(async () => [await titles('lodz'), await titles('aegir')]).toEqual([['Łódź'], ['Ægir']]);
});

it('rewriting search texts continues where an interrupted run ended, and a repeat rewrites nothing', async () => {
  const { models } = await withOldTexts(['Łódź 1', 'Łódź 2', 'Łódź 3']);
  const [first] = await models.events.find().sort({ _id: 1 });
  await first?.updateOne({ $set: { searchText: 'done', searchTextVersion: SEARCH_TEXT_VERSION } });
  expect(await rewriteSearchTexts(models)).toBe(2);
  expect((await models.events.find().sort({ _id: 1 })).map((event) => event.searchText)).toEqual([
    'done',
    'lodz 2\nalte schlosserei',
    'lodz 3\nalte schlosserei',
  ]);
  expect(await rewriteSearchTexts(models)).toBe(0);
});

it('two servers that rewrite search texts at once rewrite each event once', async () => {
  const { models, outdated } = await withOldTexts(Array.from({ length: 40 }, (_, index) => `Łódź ${index}`));
  const counts = await Promise.all([rewriteSearchTexts(models), rewriteSearchTexts(models)]);
  expect(counts[0]! + counts[1]!).toBe(40);
  expect(await outdated()).toBe(0);
});
