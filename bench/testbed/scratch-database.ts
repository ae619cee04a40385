import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';
import { mongodVersion } from '#server/mongo/embedded/mongod-binary.ts';
import { findMongod } from '../../scripts/setup/mongod.js';

interface ScratchDatabase {
  uri: string;
  /** Such as "6.0.5". */
  version: string;
  pid: number;
  /** Folder that is removed with the database. */
  dataDir: string;
}

/** Starts a mongod on an empty folder; `cleanup` stops it and removes the folder. */
export async function startScratchDatabase(
  cleanup: AsyncDisposableStack,
  log: (line: string) => void,
): Promise<ScratchDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'frontrow-bench-'));
  cleanup.defer(() => rm(dataDir, { recursive: true, force: true }));
  const binary = await findMongod();
  const mongod = await startEmbedded({ dataDir, binary, log: { info: log, error: log } });
  cleanup.defer(() => mongod.stop());
  return { uri: mongod.uri, version: await mongodVersion(binary), pid: mongod.pid() ?? 0, dataDir };
}
