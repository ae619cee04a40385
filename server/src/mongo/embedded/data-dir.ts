import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './process.ts';

/** No folder can be made at DATA_DIR, or nothing written in it. The message is meant for the person who starts the server. */
export class UnusableDataDir extends Error {
  override readonly name = 'UnusableDataDir';
}

/** Makes a folder in `dataDir`, and the missing folders above it. Throws an UnusableDataDir if that fails. */
export async function makeFolder(dataDir: string, folder: string): Promise<void> {
  try {
    await makeWithParents(folder);
  } catch (cause) {
    throw toDataDirError(dataDir, cause);
  }
}

/** An UnusableDataDir for an error of the file system, such as a full disk; any other error as it is. */
export function toDataDirError(dataDir: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) return cause;
  return new UnusableDataDir(`DATA_DIR (${dataDir}) cannot be used: ${cause.message}.`, { cause });
}

/** Instead of mkdir's `recursive`, which never returns in Node 24 where a folder cannot be made, as in /proc. */
async function makeWithParents(folder: string): Promise<void> {
  if (await makeOne(folder)) return;
  await makeWithParents(dirname(folder));
  await mkdir(folder, { mode: 0o700 });
}

/** Makes the folder if it is missing; resolves with false if its parent is missing. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return dirname(folder) === folder;
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return true;
}
