import type { Scheduler } from 'fast-check';
import type { ClientSession, Collection, Db, MongoClient } from 'mongodb';
import { bookingStore } from '#server/booking/store/collections.ts';

type Gate = (what: string) => Promise<void>;

/** A database whose writes of an event and whose commits wait until the scheduler lets them through. */
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

/** The same object with some methods replaced; its own private fields stay its own. */
export function overridden<T extends object>(target: T, methods: Record<string, unknown>): T {
  return new Proxy(target, {
    get(_, key) {
      if (typeof key === 'string' && key in methods) return methods[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
