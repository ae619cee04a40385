import { isDeepStrictEqual } from 'node:util';
import type { Db, Document, IndexDescription } from 'mongodb';
import type { IndexDefinition, IndexOptions } from 'mongoose';
import type { Retention } from '#server/config.ts';
import { bookingValidator } from '#server/models/booking.ts';
import { eventValidator } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { paymentValidator } from '#server/models/payment.ts';
import { receiptValidator } from '#server/models/receipts/receipt.ts';
import { voucherValidator } from '#server/models/vouchers/voucher.ts';

const VALIDATORS: Record<string, object> = {
  events: eventValidator,
  bookings: bookingValidator,
  payments: paymentValidator,
  vouchers: voucherValidator,
  receipts: receiptValidator,
};

const DAY_SECONDS = 86_400;

/** The days that the database keeps documents of these collections after the time in their expiring index. */
const KEPT_DAYS: Record<string, (retention: Retention) => number> = {
  sessions: ({ sessionDays }) => sessionDays,
  sentMails: ({ sentMailDays }) => sentMailDays,
  webhooks: ({ webhookDays }) => webhookDays,
  demoCheckouts: ({ demoPaymentDays }) => demoPaymentDays,
  demoRefunds: ({ demoPaymentDays }) => demoPaymentDays,
};

/** A change of a collection, its validator or its indexes. */
export interface CollectionChange {
  /** An imperative, such as "create the index code_1 of bookings". */
  what: string;
  apply(): Promise<unknown>;
}

/** A collection as this version needs it. */
interface WantedCollection {
  name: string;
  validator: object | undefined;
  indexes: (IndexDescription & { name: string })[];
}

interface CollectionsOptions {
  database: Db;
  models: Models;
  retention: Retention;
}

/**
 * What is to be changed so that collections, validators and indexes are those of this version; nothing is changed yet.
 * By collection, each in the order in which it has to be applied. Other collections and indexes stay.
 */
export async function collectionChanges({
  database,
  models,
  retention,
}: CollectionsOptions): Promise<CollectionChange[][]> {
  const stored = new Map((await database.listCollections().toArray()).map(({ name, ...info }) => [name, info]));
  return Promise.all(
    wantedCollections(models, retention).map(async (wanted) => {
      const info = stored.get(wanted.name);
      if (!info) return [creation(database, wanted)];
      const indexes = await database.collection(wanted.name).listIndexes().toArray();
      return [...validatorChanges(database, wanted, info), ...indexChanges(database, wanted, indexes)];
    }),
  );
}

/** Every collection with its validator and its indexes, each with a name. */
export function wantedCollections(models: Models, retention: Retention): WantedCollection[] {
  return Object.values(models).map(({ collection, schema }) => {
    const name = collection.collectionName;
    const indexes = schema.indexes() as unknown as [key: IndexDefinition, options: IndexOptions][];
    return {
      name,
      validator: VALIDATORS[name],
      indexes: indexes.map(([key, options]) => wantedIndex(name, { key, ...options } as IndexDescription, retention)),
    };
  });
}

function wantedIndex(
  collection: string,
  index: IndexDescription,
  retention: Retention,
): IndexDescription & { name: string } {
  const name = index.name ?? Object.entries(index.key).flat().join('_');
  const days = KEPT_DAYS[collection]?.(retention);
  const expires = index.expireAfterSeconds !== undefined && days !== undefined;
  return { ...index, name, ...(expires && { expireAfterSeconds: days * DAY_SECONDS }) };
}

/** With its validator at once, because collMod needs more rights than the creation. */
function creation(database: Db, { name, validator, indexes }: WantedCollection): CollectionChange {
  return {
    what: `create the collection ${name}`,
    async apply(): Promise<void> {
      await createCollection(database, name, validator);
      // All of a collection in one command: mongoose sends one for each index, which made up half of a start's commands.
      if (indexes.length > 0) await database.collection(name).createIndexes(indexes);
    },
  };
}

const NAMESPACE_EXISTS = 48;

async function createCollection(database: Db, name: string, validator: object | undefined): Promise<void> {
  try {
    await database.createCollection(name, validator && { validator, validationLevel: 'strict' });
  } catch (error) {
    // Written to by another process, such as one that took a lease.
    if ((error as { code?: number }).code !== NAMESPACE_EXISTS) throw error;
  }
}

/** Only if the validator differs: collMod waits for every open transaction, those of a dead server included. */
function validatorChanges(
  database: Db,
  { name, validator }: WantedCollection,
  { options = {} }: Document,
): CollectionChange[] {
  const stored = options as { validationLevel?: string; validator?: object };
  if (!validator || (stored.validationLevel === 'strict' && isDeepStrictEqual(stored.validator, validator))) return [];
  const apply = () => database.command({ collMod: name, validator, validationLevel: 'strict' });
  return [{ what: `change the validator of ${name}`, apply }];
}

function indexChanges(
  database: Db,
  { name, indexes }: WantedCollection,
  stored: readonly Document[],
): CollectionChange[] {
  const collection = database.collection(name);
  const changes: CollectionChange[] = [];
  const missing: WantedCollection['indexes'] = [];
  for (const index of indexes) {
    const rivals = stored.filter((other) => areRivals(index, other));
    if (rivals.some((other) => isSameIndex(index, other))) continue;
    const [rival] = rivals;
    if (rivals.length === 1 && rival && isSameBut('expireAfterSeconds', index, rival)) {
      changes.push(expiryChange(database, name, index));
      continue;
    }
    for (const { name: obsolete } of rivals)
      changes.push({
        what: `drop the index ${obsolete} of ${name}, which is created anew`,
        apply: () => collection.dropIndex(obsolete as string),
      });
    missing.push(index);
  }
  if (missing.length > 0) {
    const what = `create the index ${missing.map((index) => index.name).join(', ')} of ${name}`;
    changes.push({ what, apply: () => collection.createIndexes(missing) });
  }
  return changes;
}

const UNAUTHORIZED = 13;

/** When documents expire is changed in place, or, without the right to that, by a new index. */
function expiryChange(database: Db, collection: string, index: WantedCollection['indexes'][number]): CollectionChange {
  const { name, expireAfterSeconds = 0 } = index;
  return {
    what: `keep documents of ${collection} for ${expireAfterSeconds / DAY_SECONDS} days`,
    async apply(): Promise<void> {
      try {
        await database.command({ collMod: collection, index: { name, expireAfterSeconds } });
      } catch (error) {
        if ((error as { code?: number }).code !== UNAUTHORIZED) throw error;
        await database.collection(collection).dropIndex(name);
        await database.collection(collection).createIndexes([index]);
      }
    },
  };
}

/** The options that make an index what it is. */
const OPTIONS = ['unique', 'sparse', 'partialFilterExpression', 'collation', 'expireAfterSeconds'] as const;
type Option = (typeof OPTIONS)[number];

/** Whether MongoDB refuses one of the two indexes beside the other. */
function areRivals(wanted: WantedCollection['indexes'][number], stored: Document): boolean {
  return (
    stored['name'] === wanted.name ||
    (isSameKey(wanted, stored) && isSameOption('partialFilterExpression', wanted, stored))
  );
}

function isSameIndex(wanted: WantedCollection['indexes'][number], stored: Document): boolean {
  return isSameBut(null, wanted, stored) && stored['name'] === wanted.name;
}

/** Whether keys, name and options are the same, except one option. */
function isSameBut(except: Option | null, wanted: WantedCollection['indexes'][number], stored: Document): boolean {
  return (
    stored['name'] === wanted.name &&
    isSameKey(wanted, stored) &&
    OPTIONS.every((option) => option === except || isSameOption(option, wanted, stored))
  );
}

/** The order of the fields counts. */
function isSameKey({ key }: IndexDescription, stored: Document): boolean {
  return JSON.stringify(key) === JSON.stringify(stored['key']);
}

function isSameOption(option: Option, wanted: IndexDescription, stored: Document): boolean {
  // An option that is false is the same as none.
  return isDeepStrictEqual(wanted[option] || undefined, stored[option] || undefined);
}
