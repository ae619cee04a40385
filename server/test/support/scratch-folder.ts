import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '#server/mongo/embedded/process.ts';

/** Linux's file system in memory. */
const IN_MEMORY = '/dev/shm';
/** The memory that the databases of a whole test run and their journals need, with a margin. */
const NEEDED_BYTES = 4 * 1024 ** 3;
const NAME = /^frontrow-[a-z0-9]+-(\d+)-/;

/**
 * A folder for a temporary database: in memory if the machine has room for it, because tests wait mostly for the
 * creation of collection and index files.
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

/** Removes the folders of killed runs, which would otherwise occupy memory. */
async function removeAbandoned(): Promise<void> {
  const names = await readdir(IN_MEMORY).catch(() => []);
  const abandoned = names.filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  await Promise.all(abandoned.map((name) => rm(join(IN_MEMORY, name), { recursive: true, force: true })));
}
