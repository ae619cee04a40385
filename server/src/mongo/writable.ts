import type { Db } from 'mongodb';

/** A database that takes longer than this is as good as gone. */
const PATIENCE_MS = 2_000;

/** Whether the database takes writes just now. Never rejects, answers within two seconds. */
export async function isWritable(database: Db): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
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
    // Whatever went wrong, the answer is the same, and the commands that need the database log it.
    return false;
  }
}
