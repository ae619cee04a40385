import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './process.ts';

/** What opens an embedded database that asks for a password. */
export interface Credentials {
  /** Path of the key by which members of a replica set know each other; the server manages the database with it. */
  keyFile: string;
  key: string;
  /** Password of the user that servers and programs connect as. */
  password: string;
}

const OWNER_ONLY = 0o600;
/** Of at most 1,024 characters in mongod's alphabet, base64. */
const KEY_BYTES = 96;
const PASSWORD_BYTES = 32;

const keyFileOf = (dataDir: string) => join(dataDir, 'mongod.key');
const passwordFileOf = (dataDir: string) => join(dataDir, 'mongod.password');

/**
 * The credentials of the database in this folder; null if it asks for none, as it does until `isWanted` once. Both files
 * are for their owner alone. A lost password is replaced by a new one. Call it only after `ownDataDir`.
 */
export async function ensureCredentials(dataDir: string, isWanted: boolean): Promise<Credentials | null> {
  const keyFile = keyFileOf(dataDir);
  const key = await readOrNull(keyFile);
  if (key === null && !isWanted) return null;
  const password = (await readOrNull(passwordFileOf(dataDir))) ?? randomBytes(PASSWORD_BYTES).toString('base64url');
  const made = { keyFile, key: key ?? randomBytes(KEY_BYTES).toString('base64'), password };
  await writeSecret(passwordFileOf(dataDir), password);
  // Last: from now on mongod is started with it.
  await writeSecret(keyFile, made.key);
  return made;
}

/** The password of the database in this folder; null if it asks for none. */
export async function readPassword(dataDir: string): Promise<string | null> {
  const key = await readOrNull(keyFileOf(dataDir));
  return key === null ? null : readOrNull(passwordFileOf(dataDir));
}

/** An empty file counts as missing: a power failure may leave one. */
async function readOrNull(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim() || null;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Renamed into place as a whole, because mongod does not start with part of a key. */
async function writeSecret(file: string, secret: string): Promise<void> {
  if ((await readOrNull(file)) !== secret) {
    const draft = `${file}.new`;
    await writeFile(draft, secret, { mode: OWNER_ONLY, flush: true });
    await rename(draft, file);
  }
  // mongod refuses a key that others may read, as a copied file may be.
  await chmod(file, OWNER_ONLY);
}
