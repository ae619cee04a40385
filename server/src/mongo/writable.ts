import type { Db } from 'mongodb';

/** A database that takes longer counts as down. */
const TIMEOUT_MS = 2_000;

/** Whether the database takes writes now. Never rejects; resolves within two seconds. */
export async function isWritable(database: Db): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), TIMEOUT_MS);
  });
  try {
    return await Promise.race([askPrimary(database), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function askPrimary(database: Db): Promise<boolean> {
  try {
    const hello = await database.command({ hello: 1 }, { readPreference: 'primary' });
    return hello['isWritablePrimary'] === true;
  } catch {
    // Any failure means no; the commands that need the database log the cause.
    return false;
  }
}
