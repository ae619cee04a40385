import type { Scheduler } from 'fast-check';
import type { ClientSession, Collection, Db, MongoClient } from 'mongodb';
import { bookingStore } from '#server/booking/store/collections.ts';

type Gate = (what: string) => Promise<void>;

/** A booking store whose writes to events and whose commits wait until the scheduler releases them. */
export function gated(client: MongoClient, database: Db, who: string, scheduler: Scheduler) {
  const gate: Gate = (what) => scheduler.schedule(Promise.resolve(), `${who} ${what}`).then(() => undefined);
  const store = bookingStore({
    client: overridden(client, { startSession: () => gatedSession(client.startSession(), gate) }),
    database: overridden(database, { collection: (name: string) => gatedCollection(database.collection(name), gate) }),
  });
  return { store, sleep: () => gate('replays') };
}

function gatedSession(session: ClientSession, gate: Gate): ClientSession {
  const commit = session.commitTransaction.bind(session);
  session.commitTransaction = async () => {
    await gate('commits');
    await commit();
  };
  return session;
}

function gatedCollection(collection: Collection, gate: Gate): Collection {
  if (collection.collectionName !== 'events') return collection;
  const { updateOne, replaceOne } = collection;
  return overridden(collection, {
    updateOne: async (...args: unknown[]) => {
      await gate('counts');
      return Reflect.apply(updateOne, collection, args) as unknown;
    },
    replaceOne: async (...args: unknown[]) => {
      await gate('edits');
      return Reflect.apply(replaceOne, collection, args) as unknown;
    },
  });
}

/** The object with some methods replaced; the other methods stay bound to it, so that its private fields work. */
export function overridden<T extends object>(target: T, methods: Record<string, unknown>): T {
  return new Proxy(target, {
    get(_, key) {
      if (typeof key === 'string' && key in methods) return methods[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
