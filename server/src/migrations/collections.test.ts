import { join } from 'node:path';
import mongoose from 'mongoose';
import { expect, it } from 'vitest';
import { DEFAULT_RETENTION } from '#server/config.ts';
import { createModels } from '#server/models/models.ts';
import { wantedCollections } from './collections.ts';
import { MIGRATIONS } from './migrations.ts';

it('the migrations are numbered from 1, each is compatible with no later version, and their parts have different names', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  for (const { version, compatibleFrom, parts } of MIGRATIONS) {
    expect(compatibleFrom).toBeLessThanOrEqual(version);
    expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
  }
});

/** After a release a changed index or validator needs a migration; before, `-u` records it (CONTRIBUTING.md). */
it('the collections, indexes and validators of this version are those that were recorded for it', async () => {
  const wanted = wantedCollections(createModels(mongoose.createConnection()), DEFAULT_RETENTION);
  const lines = wanted.flatMap(({ name, validator, indexes }) => [
    ...(validator ? [`${name}: validator ${JSON.stringify(validator)}`] : []),
    ...indexes.map((index) => `${name}: index ${JSON.stringify(index)}`),
  ]);
  const file = `../../test/support/old-data/version-${MIGRATIONS.length}.collections.txt`;
  await expect(`${lines.toSorted().join('\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, file));
});
