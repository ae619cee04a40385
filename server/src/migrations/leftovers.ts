import type { Db } from 'mongodb';
import type { MigrationPart } from './migration.ts';

/** A part that drops indexes which no version reads by any more, by their names in each collection. */
export function dropIndexes(obsolete: Readonly<Record<string, readonly string[]>>): MigrationPart {
  async function found(database: Db): Promise<[collection: string, index: string][]> {
    const stored = new Set((await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
    const pairs: [string, string][] = [];
    for (const [collection, names] of Object.entries(obsolete)) {
      if (!stored.has(collection)) continue;
      const indexes = await database.collection(collection).listIndexes().toArray();
      for (const { name } of indexes as { name: string }[]) if (names.includes(name)) pairs.push([collection, name]);
    }
    return pairs;
  }

  return {
    name: 'Drop unused indexes',
    async preview({ database }): Promise<string | null> {
      const pairs = await found(database);
      return pairs.length === 0 ? null : pairs.map(([collection, index]) => `${index} of ${collection}`).join(', ');
    },
    async run({ database, assertHeld }): Promise<void> {
      for (const [collection, index] of await found(database)) {
        assertHeld();
        await database.collection(collection).dropIndex(index);
      }
    },
  };
}

/** A part that drops a collection which no version reads any more. */
export function dropCollection(collection: string): MigrationPart {
  const isStored = async (database: Db): Promise<boolean> =>
    (await database.listCollections({ name: collection }, { nameOnly: true }).toArray()).length > 0;
  return {
    name: `Drop the unused collection ${collection}`,
    preview: async ({ database }) => ((await isStored(database)) ? collection : null),
    async run({ database, assertHeld }): Promise<void> {
      assertHeld();
      if (await isStored(database)) await database.dropCollection(collection);
    },
  };
}
