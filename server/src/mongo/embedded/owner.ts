import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commandLine, endProcess, hasCode, isAlive, isRunning, startMark } from './process.ts';

/** Another running server keeps its database in this folder. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';

  constructor(dataDir: string, pid: number) {
    super(
      `DATA_DIR (${dataDir}) is in use by the server with process id ${pid}. ` +
        'Stop that one first, or give this one another DATA_DIR.',
    );
  }
}

interface Owner {
  pid: number;
  startMark: string | null;
}

/**
 * Makes this process the only server of the folder, or throws a DataDirInUseError. A killed server leaves its file
 * behind: the start time of the process reveals that. Resolves with a function that releases the folder.
 */
export async function ownDataDir(dataDir: string): Promise<() => Promise<void>> {
  const file = join(dataDir, 'server.pid');
  const mine = JSON.stringify({ pid: process.pid, startMark: await startMark(process.pid) } satisfies Owner);
  while (!(await createFile(file, mine))) await removeStale(file, dataDir);
  return () => rm(file, { force: true });
}

/** Links the complete file into place, so that no other process reads a partial one. */
async function createFile(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeStale(file: string, dataDir: string): Promise<void> {
  const seen = await read(file);
  if (seen === null) return;
  const owner = parse(seen);
  if (owner !== null && (await isOwnerRunning(owner))) throw new DataDirInUseError(dataDir, owner.pid);
  // Moved aside first: of two servers that find the same stale file only one may replace it.
  const aside = `${file}.${randomUUID()}`;
  if (!(await moveFile(file, aside))) return;
  if ((await read(aside)) !== seen) await link(aside, file);
  await rm(aside, { force: true });
}

async function isOwnerRunning(owner: Owner): Promise<boolean> {
  if (!(await isRunning(owner.pid))) return false;
  return (await startMark(owner.pid)) === owner.startMark;
}

function parse(text: string): Owner | null {
  // A power failure may leave an empty or partial file, which names no owner.
  const match = /^\{"pid":(\d+),"startMark":(?:"([^"]*)"|null)\}$/.exec(text);
  return match === null ? null : { pid: Number(match[1]), startMark: match[2] ?? null };
}

async function moveFile(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/**
 * Ends a mongod that outlived its killed server and still holds the lock of this database. Checks first that the process
 * is a mongod on this folder. Call it only after `ownDataDir`. Resolves with its process id; null if there is none.
 */
export async function endOrphan(dbPath: string): Promise<number | null> {
  const pid = Number.parseInt((await read(join(dbPath, 'mongod.lock'))) ?? '', 10);
  if (!Number.isInteger(pid) || !isAlive(pid) || !(await isMongodOn(pid, dbPath))) return null;
  await endProcess(pid);
  return pid;
}

async function isMongodOn(pid: number, dbPath: string): Promise<boolean> {
  const command = await commandLine(pid);
  const at = command?.indexOf('--dbpath') ?? -1;
  const path = at < 0 ? undefined : command?.[at + 1];
  return path !== undefined && resolve(path) === resolve(dbPath);
}
