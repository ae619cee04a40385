import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '#server/mongo/embedded/process.ts';

/** Where Linux keeps files in memory. */
const IN_MEMORY = '/dev/shm';
/** What a whole run of the tests needs, with room to spare: its databases and their journal. */
const NEEDED_BYTES = 4 * 1024 ** 3;
const NAME = /^frontrow-[a-z0-9]+-(\d+)-/;

/**
 * A folder for a database that is thrown away: in memory where the machine has room for it, since most of what a test
 * waits for is files of collections and indexes being made.
 */
export async function scratchFolder(what: string): Promise<string> {
  await removeAbandoned();
  return mkdtemp(join((await hasRoomInMemory()) ? IN_MEMORY : tmpdir(), `frontrow-${what}-${process.pid}-`));
}

async function hasRoomInMemory(): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(IN_MEMORY);
    return Math.min(bavail * bsize, freemem()) >= NEEDED_BYTES;
  } catch {
    return false;
  }
}

/** A run that was killed could not clear up, and what lies in memory is missing elsewhere. */
async function removeAbandoned(): Promise<void> {
  const names = await readdir(IN_MEMORY).catch(() => []);
  const abandoned = names.filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  await Promise.all(abandoned.map((name) => rm(join(IN_MEMORY, name), { recursive: true, force: true })));
}
