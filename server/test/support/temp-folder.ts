import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Undoing } from './database/test-database.ts';

/** A new folder that is removed when the test ends; `what` is part of its name. */
export async function tempFolder(t: Undoing, what: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `frontrow-${what}-`));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
