import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTIAL } from './write-backup.ts';

/** Names sort by their time. */
const NAME = /^frontrow-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z\.backup$/;
const PARTIAL_NAME = new RegExp(`^frontrow-.*\\.backup\\..*\\${PARTIAL}$`);
/** No backup is written for so long: what is older was left behind by a killed one. */
const ABANDONED_MS = 86_400_000;

/** The name of a backup that is begun at this moment, such as `frontrow-2026-11-29T04-30-00Z.backup`. */
export function backupName(at: Date): string {
  return `frontrow-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup`;
}

/**
 * Removes all backups of a folder but the newest `keep`, and what killed backups have left there. Other files stay,
 * backups with names of their own included. Resolves with the names of the removed backups.
 */
export async function pruneBackups(folder: string, keep: number, now: Date): Promise<string[]> {
  const names = await readdir(folder);
  const backups = names.filter((name) => NAME.test(name)).sort();
  const old = backups.slice(0, Math.max(0, backups.length - keep));
  for (const name of old) await rm(join(folder, name));
  for (const name of names.filter((one) => PARTIAL_NAME.test(one))) {
    const { mtimeMs } = await stat(join(folder, name));
    if (now.getTime() - mtimeMs > ABANDONED_MS) await rm(join(folder, name));
  }
  return old;
}
