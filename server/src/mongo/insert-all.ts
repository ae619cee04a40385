import type { ClientSession, Db } from 'mongodb';
import { WriteRefused } from './duplicate-key.ts';

interface InsertReply {
  writeErrors?: { code: number; errmsg: string }[];
}

/**
 * Inserts documents by one command, which all of them have to fit (16 MB). The driver's `insertMany` serialises each of
 * them twice, only to find out where to cut. Throws `WriteRefused` where an index or a validator refuses one.
 */
export async function insertAll(
  database: Db,
  collection: string,
  documents: readonly object[],
  session: ClientSession,
): Promise<void> {
  const { writeErrors } = (await database.command({ insert: collection, documents }, { session })) as InsertReply;
  const refused = writeErrors?.[0];
  if (refused) throw new WriteRefused(refused.errmsg, refused.code);
}
