import type { ClientSession, Db, MongoClient } from 'mongodb';
import { overridden } from './gates.ts';

/** The point where a server dies: at its write or commit number `at`, after sending it (`sent`) or before. */
export interface Death {
  at: number;
  sent: boolean;
}

const WRITES = ['insertOne', 'insertMany', 'updateOne', 'replaceOne', 'bulkWrite'] as const;

/** The database as a server that dies at one point uses it: from that point on nothing is sent and no call settles. */
export function mortal(client: MongoClient, database: Db, death: Death) {
  const { promise: died, resolve: die } = Promise.withResolvers<null>();
  const never = new Promise<never>(() => undefined);
  let steps = 0;
  let dead = false;

  async function step<T>(send: () => Promise<T>): Promise<T> {
    steps += 1;
    if (dead) return never;
    if (steps < death.at) return send();
    dead = true;
    if (death.sent) await send();
    die(null);
    return never;
  }

  function session(own: ClientSession): ClientSession {
    const commit = own.commitTransaction.bind(own);
    own.commitTransaction = () => step(commit);
    return own;
  }

  function collection(name: string) {
    const own = database.collection(name);
    const methods = WRITES.map((method) => {
      const write = own[method].bind(own) as (...args: unknown[]) => Promise<unknown>;
      return [method, (...args: unknown[]) => step(() => write(...args))] as const;
    });
    return overridden(own, Object.fromEntries(methods));
  }

  /** Bookings are inserted by the command itself. */
  function command(...args: Parameters<Db['command']>) {
    const send = () => database.command(...args);
    return 'insert' in args[0] ? step(send) : send();
  }

  return {
    client: overridden(client, { startSession: () => session(client.startSession()) }),
    database: overridden(database, { collection, command }),
    /** Resolves with null at the point of death. */
    died,
    steps: () => steps,
  };
}
