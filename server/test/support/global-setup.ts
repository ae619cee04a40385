import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { findMongod } from '../../../scripts/setup/mongod.js';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';
import { scratchFolder } from './scratch-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the run's one database server, on which each test uses a database of its own. */
    mongoUri: string;
    /** Path of the mongod program. */
    mongodBinary: string;
  }
}

/** Starts one mongod for the whole run, on a folder that is removed at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binary = await findMongod();
  const dataDir = await scratchFolder('test');
  const embedded = await startEmbedded({ dataDir, binary, log: { info: () => undefined, error: console.error } });
  project.provide('mongoUri', embedded.uri);
  project.provide('mongodBinary', binary);
  return async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
