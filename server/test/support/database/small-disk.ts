import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { mongo } from 'mongoose';
import { inject } from 'vitest';
import type { Undoing } from './test-database.ts';

const run = promisify(execFile);

/** Size of the disk: an embedded database and little more. */
const SIZE = '420m';

/** A disk for an embedded database that a test can fill and free again. */
interface SmallDisk {
  dataDir: string;
  /** Path of the mongod to run on this disk. */
  binary: string;
  /** Fills the disk and makes the database at this address write to it, which ends its mongod. */
  fill(uri: string, mongodPid: number): Promise<void>;
  free(): Promise<void>;
}

/** A small file system in memory; where this process may not mount one (without root), a limit on the size of files. */
export async function smallDisk(t: Undoing): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-disk-'));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder]);
  } catch {
    return fileSizeLimit(folder);
  }
  t.onTestFinished(async () => void (await run('umount', ['-l', folder])));
  return fullFileSystem(folder);
}

function fullFileSystem(folder: string): SmallDisk {
  const filler = join(folder, 'filler');
  return {
    dataDir: join(folder, 'data'),
    binary: inject('mongodBinary'),
    async fill(uri) {
      const endless = Readable.from(repeat(Buffer.alloc(65_536)));
      await pipeline(endless, createWriteStream(filler)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      });
      // Force a checkpoint instead of waiting for the one that the database writes each minute.
      const client = await mongo.MongoClient.connect(uri);
      await client
        .db('admin')
        .command({ fsync: 1 })
        .catch(() => undefined);
      await client.close();
    },
    free: () => rm(filler),
  };
}

async function fileSizeLimit(folder: string): Promise<SmallDisk> {
  const { binary, full } = await mongodWithLimit(folder);
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  return {
    dataDir,
    binary,
    async fill(_uri, mongodPid) {
      await writeFile(full, '');
      process.kill(mongodPid, 'SIGKILL');
    },
    free: () => rm(full),
  };
}

/** A mongod that cannot write while the file `full` exists, so that its start fails as on a full disk. */
export async function mongodWithLimit(folder: string): Promise<{ binary: string; full: string }> {
  const [binary, full] = [join(folder, 'mongod.sh'), join(folder, 'full')];
  const limit = `[ -e "${full}" ] && [ "$1" != --version ] && trap "" XFSZ && ulimit -f 0`;
  await writeFile(binary, `#!/bin/sh\n${limit}\nexec "${inject('mongodBinary')}" "$@"\n`, { mode: 0o755 });
  return { binary, full };
}

function* repeat(chunk: Buffer) {
  for (;;) yield chunk;
}
