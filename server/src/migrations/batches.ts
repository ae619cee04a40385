import type { Document, Filter, UpdateFilter } from 'mongodb';
import type { Types } from 'mongoose';
import type { MigrationPart, PartContext } from './migration.ts';

/** How often the log shows progress. */
const PROGRESS_MS = 5_000;

interface BatchOptions<D extends Document> extends Pick<MigrationPart, 'name' | 'isRepeated'> {
  collection: string;
  /** The documents that still have to be changed: one that was changed matches no more. */
  outstanding: Filter<D>;
  /** The fields that `change` needs, besides `_id`. */
  fields: readonly (keyof D & string)[];
  /**
   * The update of a document, and the filter that the stored document must still match, so that a change that another
   * process made since the read is not overwritten. Null: the document needs no update.
   */
  change(doc: D): { guard: Filter<D>; update: UpdateFilter<D> } | null;
}

/**
 * A part that changes the documents of a collection in the order of their ids, many by one command, whatever their
 * number: its position is stored after each batch.
 */
export function changeInBatches<D extends Document & { _id: Types.ObjectId }>(options: BatchOptions<D>): MigrationPart {
  const { name, collection, isRepeated = false } = options;
  const outstanding = options.outstanding as Filter<Document>;
  const projection = Object.fromEntries(options.fields.map((field) => [field, 1]));

  async function changeBatch({ database, assertHeld }: PartContext, docs: readonly D[]): Promise<void> {
    const operations = docs.flatMap((doc) => {
      const change = options.change(doc);
      if (change === null) return [];
      const filter = { ...(change.guard as Filter<Document>), _id: doc._id };
      return [{ updateOne: { filter, update: change.update as UpdateFilter<Document> } }];
    });
    assertHeld();
    if (operations.length > 0) await database.collection(collection).bulkWrite(operations, { ordered: false });
  }

  async function run(context: PartContext): Promise<void> {
    const { database, batchSize, log } = context;
    let { after, done } = context.position ?? { after: null, done: 0 };
    let shownMs = performance.now();
    let total: number | null = null;
    for (;;) {
      const docs = await database
        .collection(collection)
        .find(after === null ? outstanding : { $and: [outstanding, { _id: { $gt: after } }] }, { projection })
        .sort({ _id: 1 })
        .limit(batchSize)
        .toArray();
      const last = docs.at(-1);
      if (last === undefined) return;
      await changeBatch(context, docs as unknown as D[]);
      after = last._id;
      done += docs.length;
      await context.savePosition({ after, done });
      if (performance.now() - shownMs < PROGRESS_MS) continue;
      shownMs = performance.now();
      total ??= done + (await database.collection(collection).countDocuments(outstanding));
      log.info({ part: name, done, total }, 'The migration goes on');
    }
  }

  return {
    name,
    isRepeated,
    run,
    async preview({ database }): Promise<string | null> {
      const count = await database.collection(collection).countDocuments(outstanding);
      return count === 0 ? null : `${count} of the documents in ${collection}`;
    },
  };
}
