import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { BackupFrame, BackupHeader } from './format.ts';
import { BackupError, frameParts, headerLine, sealLine } from './format.ts';
import { openBackup } from './read-backup.ts';

/** Documents are compressed in blocks of this size: each call of zlib costs a turn of its thread pool. */
const BLOCK_BYTES = 262_144;
/** Half the time of gzip's default 6, for files a fiftieth larger: most of a booking are ids, which do not compress. */
const COMPRESSION_LEVEL = 1;
/** Readable and writable for the file's owner only, because the file holds secrets. */
const FILE_MODE = 0o600;

/** What the name of a file that is not whole ends with. */
export const PARTIAL = '.partial';

interface WriteBackupOptions {
  /** Must not exist. */
  file: string;
  header: Omit<BackupHeader, 'format' | 'version'>;
  /** In groups of any size. */
  frames: AsyncIterable<BackupFrame[]>;
  /** Ends the writing early; no file is left then. */
  signal: AbortSignal;
}

/**
 * Writes a backup under another name, reads it back, and gives it its name when it is whole and on the disk. Leaves no
 * file behind if that fails. Resolves with the file's size in bytes. Throws a BackupError if the file cannot be written.
 */
export async function writeBackup({ file, header, frames, signal }: WriteBackupOptions): Promise<number> {
  await assertMissing(file);
  const draft = `${file}.${randomUUID().slice(0, 8)}${PARTIAL}`;
  try {
    const handle = await open(draft, 'wx', FILE_MODE);
    const seal = (body: AsyncIterable<Buffer>) => sealed(headerLine(header), body);
    const target = handle.createWriteStream({ flush: true });
    await pipeline(blocks(frames), createGzip({ level: COMPRESSION_LEVEL }), seal, target, { signal });
    await (await openBackup(draft)).check();
    await rename(draft, file);
    await syncFolder(dirname(file));
    return (await stat(file)).size;
  } catch (error) {
    await rm(draft, { force: true });
    throw toBackupError(error, signal);
  }
}

/** Throws a BackupError if the file exists. */
async function assertMissing(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found) throw new BackupError(`${file} exists already: a backup never replaces a file.`);
}

/** The frames' bytes in blocks. */
async function* blocks(frames: AsyncIterable<BackupFrame[]>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const group of frames) {
    for (const part of group.flatMap(frameParts)) {
      parts.push(part);
      bytes += part.length;
    }
    if (bytes < BLOCK_BYTES) continue;
    yield Buffer.concat(parts, bytes);
    [parts, bytes] = [[], 0];
  }
  yield Buffer.concat(parts, bytes);
}

/** The whole file: header, body, and the checksum of both. */
async function* sealed(header: string, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256').update(header);
  yield Buffer.from(header);
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  yield Buffer.from(sealLine(hash.digest('hex')));
}

/** The new name is only on the disk once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function toBackupError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new BackupError('The backup was interrupted; no file was written.', { cause: error });
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  return new BackupError(`The backup cannot be written: ${error.message}.`, { cause: error });
}
