import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './process.ts';

/** DATA_DIR names a place where no folder can be kept; the message says so to the person who starts the server. */
export class UnusableDataDir extends Error {
  override readonly name = 'UnusableDataDir';
}

/** Makes a folder of `dataDir`, with those above it where they are missing. Throws an UnusableDataDir where it cannot. */
export async function makeFolder(dataDir: string, folder: string): Promise<void> {
  try {
    await makeWithParents(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnusableDataDir(`DATA_DIR (${dataDir}) cannot be used: ${reason}.`, { cause });
  }
}

/** Not mkdir's own `recursive`: Node 24's never ends where a folder cannot be made and reads as missing, as in /proc. */
async function makeWithParents(folder: string): Promise<void> {
  if (await made(folder)) return;
  await makeWithParents(dirname(folder));
  await mkdir(folder, { mode: 0o700 });
}

/** Whether the folder is there now; false where the one above it is missing. */
async function made(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return dirname(folder) === folder;
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return true;
}
