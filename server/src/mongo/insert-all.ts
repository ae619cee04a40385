import type { ClientSession, Db } from 'mongodb';
import { WriteRefused } from './duplicate-key.ts';

interface InsertReply {
  writeErrors?: { code: number; errmsg: string }[];
}

/**
 * Inserts documents by one command, which must hold them all (16 MB). The driver's `insertMany` serialises each document
 * twice, only to split large batches. Throws `WriteRefused` if an index or a validator refuses a document.
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
